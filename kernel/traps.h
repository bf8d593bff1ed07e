/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The final GDT, TSS and trap handling: #DF, NMI and #VC on stacks of their own, interrupts to
 * registered handlers. An interrupt or NMI that nobody expects is counted, said once, and ended;
 * an exception that nobody expects is a panic.
 */
#pragma once

#include "lib/trap_frame.h"

#define VEC_TIMER    0x40
#define VEC_SPURIOUS 0xff

typedef void (*irq_handler_t)(struct trap_frame *frame);

void traps_init(void);
/* The tables of this processor, on any other than the boot processor. */
void traps_init_cpu(void);
/*
 * @vector >= VEC_IRQ_FIRST, VEC_NMI, or VEC_PF, which then is not looked up in the fixup table. The
 * handler runs with interrupts off and ends an interrupt with apic_eoi().
 */
void irq_register(unsigned int vector, irq_handler_t handler);
/* For kernel/hv.c: as the processor raised it; as told: an interrupt, an NMI, one unheeded. */
void trap_take(struct trap_frame *frame);
void trap_take_irq(struct trap_frame *frame);
void trap_take_nmi(struct trap_frame *frame);
void trap_note_nmi(struct trap_frame *frame);
/* What could not be said when it came: this processor has a way now. */
void traps_say_unexpected(void);
/* How often @vector came, to any processor, and nobody expected it. */
u32 irq_unexpected(unsigned int vector);
/* NMIs that processor @cpu has taken. */
u32 nmi_count(unsigned int cpu);
/* Interrupts that this processor has taken. */
u64 irq_count(void);
