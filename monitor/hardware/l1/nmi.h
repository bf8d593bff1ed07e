/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NMIs of L1's. The monitor takes them from the machine, which therefore does not know that one is
 * handled: what holds the next one back until IRET has been executed (svm/step.h) is here.
 * Spec: APM2 8.1.3.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* One waits, and no other is being handled: it is to come, or to end the run of L1's guest. */
bool l1_nmi_is_due(const struct vcpu *v);

/* One that is due is injected, if nothing else is. */
void l1_nmi_ready(struct vcpu *v);
