/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor's own traps, and taking an interrupt on the guest's behalf. The monitor runs with
 * GIF=0; the only interrupts it ever takes are those let through by ack_poll() and ack_wait(),
 * which acknowledge one to the processor, without an EOI: that is the guest's.
 */
#pragma once

#include "abi/bits.h"

#define TRAP_STUB_SIZE 32

#ifndef __ASSEMBLER__
/* Builds the IDT and loads it; on other processors it is only loaded. */
void traps_init(void);
void traps_load(void);

/* The vector of one interrupt (VEC_NMI for an NMI), or -1 when none was pending. */
int ack_poll(void);
/* The same, halted until one arrives. */
int ack_wait(void);
#endif
