/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of a processor that a guest made: what VMRUN refuses of it.
 * Spec: APM2 15.5.1, table B-4.
 */
#pragma once

#include "abi/vmcb.h"
#include "monitor/svm/violation.h"

/* Why VMRUN refuses the registers of @save; NULL: it does not. */
const char *vmsa_state_refusal(const struct vmsa *save);

/*
 * VIOLATION_VMSA_FEATURES or _STATE, with the reason in @why; or none. @xcr0: the
 * bits that the processor has.
 */
enum violation vmsa_check(const struct vmsa *vmsa, u64 features, u64 xcr0, const char **why);
