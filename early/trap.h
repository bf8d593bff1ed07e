/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one IDT: 256 equal stubs, one frame, and a handler that can be exchanged. The early handler
 * knows the fixup table and CPUID's #VC and #VE, and panics on the rest;
 * kernel/traps.c takes over.
 */
#pragma once

#include "abi/bits.h"
#include "lib/compiler.h"
#include "lib/trap_frame.h"

typedef void (*trap_handler_t)(struct trap_frame *frame);
/* Both are what the stubs call: as set below. */
extern trap_handler_t trap_handler, trap_still_handler;

/* Fills and loads the IDT; every gate on the current stack. */
void trap_init(void);
/* Fills it, with gates to code segment @selector, for whoever loads it then. */
void trap_prepare(u16 selector);
/* Loads it, as it is: on another processor. */
void trap_load(void);
void trap_set_handler(trap_handler_t handler);
/*
 * The handler of processors that stand still, since text may be changing: it runs no site of the
 * alternatives (tests/style/still.test), so that only bytes that nobody changes are executed.
 */
void trap_set_still_handler(trap_handler_t handler);
/* This processor stands still from now on, or does not any more. */
void trap_set_still(bool is_still);
/* From now on @vector is taken on stack @ist of the TSS, 1 to 7. */
void trap_set_ist(unsigned int vector, unsigned int ist);

/* Interrupts and NMIs that came while the early handler was in force. */
u32 trap_ignored(void);
/* An NMI was among them: the host of an encrypted guest holds the next one back until it hears. */
bool trap_ignored_nmi(void);
/* Whether it still is. */
bool trap_is_early(void);

/*
 * The end of an NMI, on the interrupted stack, with all registers kept for IRET. Defined above this
 * floor; there is nothing to do while the early handler is in force.
 */
void trap_leave_nmi(void);

/*
 * When the fixup table has the faulting instruction, and @frame is of a fault that an instruction
 * raises itself: makes @frame continue at its fixup with RAX = error_code << 32 | EXTABLE_FAULT |
 * vector, and returns true.
 */
bool trap_fixup(struct trap_frame *frame);
/* "#GP", "#VC", ...; "interrupt" for vectors from 32 on. */
const char *trap_name(u64 vector);
/* Prints the registers of @frame, if they may be seen; panics with a backtrace from there. */
noreturn_t trap_panic(const struct trap_frame *frame);
