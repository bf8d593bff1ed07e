/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The linear address of a memory operand in 64-bit mode, for an access that hardware reports by its
 * physical address only.
 * Spec: APM3 1.2 (encoding), 1.4-1.7 (ModRM, SIB, displacements).
 */
#pragma once

#include "abi/bits.h"

struct insn_operand_state {
	const u64 *gpr; /* 16, by number */
	u64 rip;        /* of the instruction */
	u64 fs_base;
	u64 gs_base;
	bool keeps_rex; /* insn_keeps_rex */
};

enum insn_operand_result {
	INSN_OPERAND_NONE,
	INSN_OPERAND_CUT, /* for want of a byte, which the instruction has */
	INSN_OPERAND_FOUND,
};

/*
 * The address that the instruction at @bytes, of which @count could be fetched, reads or (@write)
 * writes: that of its ModRM byte, of a string instruction, or a direct one.
 */
enum insn_operand_result insn_operand(const u8 *bytes, size_t count,
				      const struct insn_operand_state *state, bool write,
				      u64 *linear);
