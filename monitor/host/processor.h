/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A processor of the guest from its start to its stop: see monitor/svm/startup.h.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* What a processor has when the guest starts, and its VMCB, in which a launch puts the state. */
void processor_init(struct vcpu *v);

/* Does what was asked of @v, on its own processor; returns when it is to run. */
void processor_ready(struct vcpu *v);

/* What the processor loads besides the VMCB: from @v's save area, before its first entry. */
void processor_load(struct vcpu *v);
