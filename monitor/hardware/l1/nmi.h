/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NMIs of L1's. The monitor takes them from the machine, which therefore does not know that one is
 * handled: what holds the next one back until IRET has been executed is here. Spec: APM2 8.1.3.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* One that waits is injected, if it may come. */
void l1_nmi_ready(struct vcpu *v);

/* The exits at the IRET of a handler, and behind it. */
void l1_nmi_iret(struct vcpu *v);
void l1_nmi_step(struct vcpu *v);
