/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One instruction at a time, by TF, of which the guest sees nothing. A count of them (v->steps)
 * ends by host->stepped(): what exits is not counted, nor a handler that an event begins, up to its
 * first exit. The other use: the IRET that ends the guest's NMI handler, as one step: the next NMI
 * is due right behind it (APM2 15.21.10), whether that IRET lets interrupts in or not, and not
 * where it faults.
 * Does not: NMIs of a guest that says NMI complete; an IRET that switches tasks ends at the next
 * exit; a guest that sets TF itself, or pushes it by INT, while instructions are counted.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* It exits, at RIP: the runs until it is done, or something is injected, are steps. */
void step_begin(struct vcpu *v);
/* Whether the next run is a step. */
static inline bool step_is_due(const struct vcpu *v) { return v->nmi_iret || v->steps; }

/* Around such a run. In between RFLAGS and DR6 are not the guest's. */
void step_enter(struct vcpu *v);
void step_left(struct vcpu *v);
/* The exception that ended it: the guest's, or none. */
void step_exit(struct vcpu *v, unsigned int vector);
