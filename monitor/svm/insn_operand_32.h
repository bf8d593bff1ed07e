/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory operand that a ModRM byte names in 16- and 32-bit code.
 * Spec: APM3 1.4.3 (16-bit addresses: table 1-9), 1.4.4, 1.5, 1.7.
 */
#pragma once

#include "monitor/svm/insn.h"

struct insn_operand_32 {
	enum insn_segment segment;
	u32 offset;
};

/*
 * Of the instruction at @bytes, whole and of an opcode 0F xx or an INSN_STORE, with @gpr[8] by
 * number. False: it names a register.
 */
bool insn_operand_32(const u8 *bytes, size_t count, enum insn_mode mode, const u64 *gpr,
		     struct insn_operand_32 *operand);
