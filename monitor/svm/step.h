/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IRET that ends the guest's NMI handler, as one step: the next NMI is due right behind it
 * (APM2 15.21.10), whether that IRET lets interrupts in or not, and not where it faults. It is
 * stepped over by TF, of which the guest sees nothing.
 * Does not: NMIs of a guest that says NMI complete; an IRET that switches tasks ends at the next
 * exit.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* It exits, at RIP: the runs until it is done, or something is injected, are steps. */
void step_begin(struct vcpu *v);
/* Around such a run. In between RFLAGS and DR6 are not the guest's. */
void step_enter(struct vcpu *v);
void step_left(struct vcpu *v);
/* The exception that ended it: the guest's, or none. */
void step_exit(struct vcpu *v, unsigned int vector);
