/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secure TSC: an SNP guest's TSC that the host neither sets nor scales nor answers for.
 * Spec: APM2 15.36.18; SNP-FW 7.10 (MSG_TSC_INFO).
 */
#pragma once

#include "abi/vmcb.h"
#include "lib/compiler.h"

/* Once the GHCB is there: asks the firmware, or ends the guest. Without the feature: nothing. */
void secure_tsc_init(void);
bool secure_tsc_is_on(void);
/* Its rate, 0 without the feature. */
u64 secure_tsc_khz(void);
/* Of a guest that does not believe its host: whose word time is, behind a comma; else "". */
const char *secure_tsc_whose(void);
/* What another processor's VMSA must say, so that all count alike. */
void secure_tsc_fill(struct vmsa *vmsa);
