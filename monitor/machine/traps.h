/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor's own traps, and taking an interrupt on the guest's behalf. The monitor runs with
 * GIF=0; the only interrupts it ever takes are those let through by the functions below, which
 * acknowledge one to the processor, without an EOI: that is the guest's.
 */
#pragma once

#include "abi/bits.h"

#define TRAP_STUB_SIZE 32

#ifndef __ASSEMBLER__
/* Builds the IDT and loads it; on other processors it is only loaded. */
void traps_init(void);
void traps_load(void);

/* What arrived: in RAX and RDX. */
struct ack {
	s64 vector; /* of an interrupt; -1: none */
	u64 nmi;    /* 1: an NMI */
};

/* What is pending. */
struct ack ack_poll(void);
/* The same of an NMI only. */
struct ack ack_nmi(void);
/* Halted until an NMI or, with @interrupts, an interrupt arrives. */
struct ack ack_wait(bool interrupts);
#endif
