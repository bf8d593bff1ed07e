/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Call sites that are rewritten at boot. Every site is `call *slot(%rip)` (ff 15 disp32, 6 bytes),
 * where slot lies in one table of function pointers; a site becomes either
 *
 *   e8 rel32 90         a direct call of what the slot holds, then a one-byte NOP, or
 *   bytes, NOP padding  the body of a function short enough to be inlined: an instruction
 *                       (0f 01 d9 0f 1f 00 for VMMCALL) or nothing at all (66 0f 1f 44 00 00).
 *
 * The NOP comes after the call, so that both return addresses, of the old form and of the new,
 * are instruction boundaries. Pure: what it writes through and what it knows is in struct alt_pass.
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"

#define ALT_SITE_SIZE 6
/* Sites are written as one store of this size; the bytes behind a site are written unchanged. */
#define ALT_WRITE_SIZE 8

/* Assembler text: a call through @slot, recorded in @section. */
#define ALT_CALL(section, slot)                                                                    \
	"771: call *" slot "(%%rip)\n\t"                                                           \
	".pushsection " section ", \"a\"\n\t"                                                      \
	".balign 4\n\t"                                                                            \
	".long 771b - .\n\t"                                                                       \
	".popsection\n\t"

struct alt_site {
	s32 insn; /* relative to its own address */
};
ABI_SIZE(struct alt_site, 4);

/* A function whose call can be replaced by its body. */
struct alt_inline {
	u64 target;
	bool nop; /* counts as a no-op */
	u8 size;  /* at most ALT_SITE_SIZE */
	u8 bytes[ALT_SITE_SIZE];
};

/*
 * Writes @size (always ALT_WRITE_SIZE) bytes at the text address @at with ONE store instruction
 * where it can: an interrupt on this processor then sees the old site or the new one, never a mix.
 */
typedef void (*alt_write_t)(void *at, const void *bytes, size_t size);

struct alt_pass {
	u64 table;      /* address of the table of function pointers */
	u64 table_size; /* in bytes */
	u64 text_start; /* every site and every target lies inside */
	u64 text_end;
	const struct alt_inline *inlines;
	size_t inline_count;
	alt_write_t write;
};

struct alt_counts {
	unsigned int sites;
	unsigned int calls;   /* became direct calls */
	unsigned int inlined; /* became an instruction */
	unsigned int nops;    /* became a no-op */
};

/* Why a pass stopped, and where. */
struct alt_error {
	const char *what;
	u64 address;
	u8 bytes[ALT_SITE_SIZE];
};

/*
 * Rewrites the sites [first, end). A site that was rewritten before, or is no call through the
 * table, or whose target is no code, stops the pass: -E_INVAL, with *error filled in.
 */
int must_check alt_apply(const struct alt_site *first, const struct alt_site *end,
			 const struct alt_pass *pass, struct alt_counts *counts,
			 struct alt_error *error);

/*
 * Gives the sites [first, end) their calls through the table's slot at @slot back. Each must hold
 * what a pass made of it when the slot held @target: else -E_INVAL, as alt_apply().
 */
int must_check alt_revert(const struct alt_site *first, const struct alt_site *end,
			  const struct alt_pass *pass, u64 slot, u64 target,
			  struct alt_error *error);
