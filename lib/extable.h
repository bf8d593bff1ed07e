/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fixup table: an instruction that may fault, the place where execution goes on, and which
 * register gets the vector. Works from the first IDT on; the trap code calls extable_find().
 *
 * A host that may inject exceptions (SEV-ES, SNP without restricted injection: APM2 15.36.16) can
 * have any of these fail that would not. It is believed, as Linux believes it: it says no more than
 * that host may answer to a request. So whoever uses one must be no less safe when it fails.
 */
#pragma once

#include "abi/bits.h"

struct extable_entry {
	s32 insn;  /* relative to its own address */
	s32 fixup; /* relative to its own address */
};
ABI_SIZE(struct extable_entry, 8);

/*
 * Continues at @fixup when the instruction at label @insn faults, with the vector in RAX's low 32
 * bits as (EXTABLE_FAULT | vector) and the error code in its high 32 bits.
 */
#define EXTABLE(insn, fixup)                                                                       \
	".pushsection .extable, \"a\"\n\t"                                                         \
	".balign 4\n\t"                                                                            \
	".long (" insn ") - .\n\t"                                                                 \
	".long (" fixup ") - .\n\t"                                                                \
	".popsection\n\t"

#define EXTABLE_FAULT 0x100 /* distinguishes vector 0 from no fault */

/* The address to continue at when @rip is in the table, else 0. */
u64 extable_find(u64 rip);
