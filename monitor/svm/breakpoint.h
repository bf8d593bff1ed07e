/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stops for a debugger of the guest: where a line of the transcript is one that was asked for, the
 * monitor goes through breakpoint_reached(), where tools/launch/gdb_stub.py has a breakpoint of
 * QEMU's. The processor is in the monitor then, so what the guest has in its registers is told.
 */
#pragma once

#ifndef __ASSEMBLER__
#include "abi/bits.h"
#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

/* What a page's word means: the first of a list whose bits under @mask are @value. */
struct page_kind {
	u32 mask;
	u32 value;
	char name[8];
};

/* The order of integer registers is gdb's: amd64-core.xml. Addresses are the machine's. */
struct breakpoint_state {
	u64 gpr[16];        /* 0x000 RAX RBX RCX RDX RSI RDI RBP RSP R8 ... R15 */
	u64 rip;            /* 0x080 */
	u64 rflags;         /* 0x088 */
	u64 segments[6];    /* 0x090 CS SS DS ES FS GS */
	u64 fs_base;        /* 0x0c0 */
	u64 gs_base;        /* 0x0c8 */
	u64 kernel_gs_base; /* 0x0d0 */
	u64 cr0;            /* 0x0d8 */
	u64 cr2;            /* 0x0e0 */
	u64 cr3;            /* 0x0e8 */
	u64 cr4;            /* 0x0f0 */
	u64 cr8;            /* 0x0f8 */
	u64 efer;           /* 0x100 */
	u64 lstar;          /* 0x108 the guest's entry for system calls */
	u64 cpu;            /* 0x110 the processor's number */
	u64 alias_bit;      /* 0x118 of the guest's addresses; 0: none */
	u64 line;           /* 0x120 of the transcript */
	u64 line_size;      /* 0x128 */
	u64 rom[3];         /* 0x130 guest-physical, size, where the machine has it */
	u64 hole[3];        /* 0x148 the same of the PC's hole */
	u64 page_units;     /* 0x160 hardware/page_state.h: the states of the guest's pages */
	u64 page_words;     /* 0x168 */
	u64 page_count;     /* 0x170 0: they have none */
	u64 kinds;          /* 0x178 struct page_kind */
	u64 kind_count;     /* 0x180 */
};
ABI_OFFSET(struct breakpoint_state, rip, 0x80);
ABI_OFFSET(struct breakpoint_state, fs_base, 0xc0);
ABI_OFFSET(struct breakpoint_state, efer, 0x100);
ABI_OFFSET(struct breakpoint_state, line, 0x120);
ABI_OFFSET(struct breakpoint_state, hole, 0x148);
ABI_OFFSET(struct breakpoint_state, page_count, 0x170);
ABI_SIZE(struct breakpoint_state, 0x188);

/*
 * One more of them: `<event>` or `<name of a violation>`, and behind a colon words that the line
 * has, with commas in between. -E_INVAL after an error line.
 */
must_check int breakpoint_add(const char *text, size_t length);
/* Lines of these are looked at, by BIT(event). */
u32 breakpoint_events(void);
/* From page_units on, for the states that are told. */
struct breakpoint_pages {
	const void *units, *words;
	u64 page_count;
	const struct page_kind *kinds;
	u64 kind_count;
};
void breakpoint_set_pages(const struct breakpoint_pages *pages);

/* Does nothing. */
void breakpoint_reached(const struct breakpoint_state *state);
#endif
