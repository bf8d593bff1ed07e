/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The opcode maps as tables, for insn.c alone: what an opcode is, and how its operands are encoded.
 * Spec: APM3 appendix A.
 */
#pragma once

#include "abi/bits.h"

/* What follows the opcode, and what the operands are. Without F_TO_REG memory is the first. */
#define F_MODRM     0x00000001 /* ModRM with a memory operand */
#define F_MOFFS     0x00000002 /* address in the instruction */
#define F_XLAT      0x00000004 /* address (rBX + AL), and the register AL */
#define F_MEMORY    (F_MODRM | F_MOFFS | F_XLAT)
#define F_MODRM_REG 0x00000008 /* ModRM whose mod field does not count */
#define F_GROUP     0x00000010 /* kind is a group: ModRM tells the rest */
#define F_TO_REG    0x00000020 /* memory is the second operand */
#define F_TO_VVVV   0x00000040 /* to the register of VEX.vvvv */
#define F_REG       0x00000080 /* the other operand: ModRM.reg, ... */
#define F_VVVV      0x00000100 /* ... the register of VEX.vvvv, ... */
#define F_CL        0x00000200 /* ... CL, ... */
#define F_ONE       0x00000400 /* ... 1, ... */
#define F_IMM       0x00000800 /* ... an immediate of the operands' size, 4 bytes at most, ... */
#define F_IMM_8     0x00001000 /* ... or of one byte, sign-extended */
#define F_PORT_IMM  0x00002000 /* port in a byte */
#define F_CONSTANT  (F_ONE | F_IMM | F_IMM_8 | F_PORT_IMM)
#define F_STRING    0x00004000 /* F2 and F3 repeat */
#define F_BYTE      0x00008000 /* operands of one byte */
#define F_MIN_32    0x00010000 /* the register at least 4 bytes: 66 counts for memory alone */
#define F_MAX_32    0x00020000 /* never 8 bytes */
#define F_D64       0x00040000 /* 8 bytes without a prefix */
#define F_66_OPCODE 0x00080000 /* operand-size prefix is part of the opcode */
#define F_NO_66     0x00100000 /* ... is not accepted where it counts */
#define F_NO_PREFIX 0x00200000 /* 66, F2 and F3 are not accepted */
#define F_NO_W      0x00400000 /* REX.W is not accepted */
#define F_L0        0x00800000 /* VEX.L must be 0 */
/* The size of the memory operand where it is not the register's */
#define F_MEM_SHIFT 28
#define F_MEM(log2) (((log2) + 1u) << F_MEM_SHIFT)
#define F_MEM_8     F_MEM(0)
#define F_MEM_16    F_MEM(1)
#define F_MEM_32    F_MEM(2)
#define F_MEM_64    F_MEM(3)
#define F_MEM_128   F_MEM(4) /* or 256 bits with VEX.L */

enum insn_map {
	INSN_MAP_PRIMARY,
	INSN_MAP_0F,
	INSN_MAP_0F38,
	INSN_MAP_0F3A,
};

struct insn_opcode {
	u8 map; /* enum insn_map */
	bool vex;
	u8 prefix; /* 0, 66, F3, F2: the one that counts, APM3 A.1.2 */
	u8 byte;
};

struct insn_rule {
	u8 kind; /* enum insn_kind */
	u32 flags;
};

/* The rule of an opcode; kind INSN_REFUSED where there is nothing for us. */
const struct insn_rule *insn_map_find(const struct insn_opcode *opcode);
/* The member of the group that @rule is (F_GROUP); the flags of both count. */
const struct insn_rule *insn_map_group(const struct insn_rule *rule, u8 modrm);
