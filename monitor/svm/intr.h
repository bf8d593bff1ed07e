/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's interrupts on their way to the guest, which owns the interrupt controllers.
 * INTR is intercepted with V_INTR_MASKING: an interrupt ends the guest's run and stays pending
 * until the guest can take it; only then it is acknowledged, and injected.
 *
 * With interrupts=held none ends a run: it waits for the next exit, PAUSE among them, and from
 * there the processor delivers it, by V_IRQ, when the guest's IF lets it in. QEMU's record and
 * replay lose what is intercepted, INTR and VINTR, and what EVENTINJ delivers: its
 * cpu_handle_interrupt() notes an interrupt when the processor itself has delivered it.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* After an exit for INTR, or for the window: injects, or waits by the window. */
void intr_deliver(struct vcpu *v);
/* With interrupts=held, before an entry, and around it. */
void intr_look(struct vcpu *v);
void intr_enter_held(struct vcpu *v);
void intr_left_held(struct vcpu *v);
void intr_nmi(struct vcpu *v);
/* Last before an entry: injects an NMI that waits, unless the one before is not done with. */
void intr_ready(struct vcpu *v);
/* The guest halted, RIP is past it: waits, and injects what comes. */
void intr_halt(struct vcpu *v, bool interrupts);
/* The same with interrupts off: waits for one, which the guest takes when it lets it in. */
void intr_sleep(struct vcpu *v);
/* The instruction HLT, where the host has no say in it. */
void intr_halt_exit(struct vcpu *v);
