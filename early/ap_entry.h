/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where every processor but the first one enters, whatever wakes it. One at a time: the stack in
 * ap_start is also the ticket that lets one processor through. C and assembly.
 */
#pragma once

#include "abi/bits.h"

#define AP_START_CR3   0x0
#define AP_START_STACK 0x8
#define AP_START_CR4   0x10
#define AP_START_SIZE  0x18

#ifndef __ASSEMBLER__
#include "abi/acpi.h"
#include "lib/compiler.h"

struct ap_start {
	u64 cr3;   /* the final tables */
	u64 stack; /* its top, where a u64 is the number; whoever enters takes it and leaves 0 */
	u64 cr4;
};
ABI_SIZE(struct ap_start, AP_START_SIZE);
ABI_OFFSET(struct ap_start, stack, AP_START_STACK);
ABI_OFFSET(struct ap_start, cr4, AP_START_CR4);

extern struct ap_start ap_start;
/* ROM_GATE_OPEN_*, low and high: lets in who comes from our ROM. */
extern volatile u32 ap_gate[2];
/* Where our ROM has a TD's other processors wait. */
extern struct acpi_mailbox ap_mailbox;
/* Where they enter, from 32-bit mode without paging. */
void rom_ap_entry32(void);

/* Code for a page below 1 MiB: real mode, at CS:0. */
extern const u8 ap_trampoline[], ap_trampoline_end[];
/* Long mode, on any tables that map the image at its place, whatever else is on or off. */
void ap_entry64(void);
/* Its end, on the stack of its own, as processor @index; defined above this floor. */
noreturn_t ap_main(unsigned int index);
#endif
