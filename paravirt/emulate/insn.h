/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoder for the 64-bit instructions that can exit as #VC or #VE: the system ones, port I/O, and
 * what a program does to device memory: every integer instruction with a memory operand, moves of
 * vector registers, strings. Pure; what it does not know is refused (docs/limits.md lists it).
 * Spec: APM3 chapter 1 (encoding), appendix A (opcode maps: insn_map.c).
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"

#define INSN_SIZE_MAX 15

enum insn_kind {
	INSN_REFUSED,
#define INSN(name, access) INSN_##name,
#include "paravirt/emulate/insn.def"
#undef INSN
	INSN_KIND_COUNT,
};
#define INSN_MEMORY_FIRST INSN_MOV
#define INSN_MEMORY_LAST  INSN_VECTOR_STORE_HIGH

#define INSN_REG_RAX 0
#define INSN_REG_RCX 1
#define INSN_REG_RBX 3
#define INSN_REG_RSP 4

/* A register by its number in the encoding, or one of these */
enum insn_base {
	INSN_BASE_RIP = 16,
	INSN_BASE_AL, /* index of XLAT */
	INSN_BASE_NONE,
};

enum insn_segment {
	INSN_SEGMENT_DEFAULT, /* base 0 in 64-bit mode */
	INSN_SEGMENT_FS,
	INSN_SEGMENT_GS,
};

/* An operand that is not memory */
enum insn_operand {
	INSN_OPERAND_NONE,
	INSN_OPERAND_REG,
	INSN_OPERAND_IMM,
	INSN_OPERAND_CL,
	INSN_OPERAND_VVVV, /* the register that VEX names besides */
};

struct insn {
	enum insn_kind kind;
	u8 length;
	bool memory_first; /* memory is the first operand, reg the second; or the other way round */
	u8 other;          /* enum insn_operand: the operand beside memory */
	u8 third;          /* enum insn_operand: the count of SHLD and SHRD */
	u8 reg;            /* the register operand; DR number for MOV DR; XMM number */
	u8 rm;             /* the other register, for MOV DR */
	u8 vvvv;
	bool reg_high;    /* reg is AH CH DH BH, stored as AX CX DX BX */
	bool vex;         /* clears a vector register above what it writes */
	u8 condition;     /* of CMOVcc and SETcc: the low bits of the opcode, APM3 table A-11 */
	u8 reg_size;      /* bytes: 1 2 4 8; the size of the operation */
	u8 memory_size;   /* bytes moved to or from memory or port: 1 2 4 8 16 32 */
	u8 address_size;  /* 4 or 8 */
	bool rep;         /* string instruction with F3 or F2 */
	bool repne;       /* the last of them was F2 */
	bool port_is_imm; /* IN, OUT: port in immediate, else DX */
	u64 immediate;    /* sign-extended to 64 bits, or the port */

	/* the memory operand, but for strings and ports */
	u8 segment; /* enum insn_segment */
	u8 base;    /* enum insn_base */
	u8 index;
	u8 scale; /* 1 2 4 8 */
	s64 displacement;
};

/*
 * Decodes at most @size bytes. 0; -E_FAULT when the instruction goes on behind them; -E_INVAL when
 * it is none of the kinds above, or longer than 15 bytes.
 */
int must_check insn_decode(struct insn *insn, const u8 *bytes, size_t size);

/* What happens to the memory operand, and whether a register takes the result. */
bool insn_reads_memory(const struct insn *insn);
bool insn_writes_memory(const struct insn *insn);
bool insn_writes_register(const struct insn *insn);

/*
 * The linear address of the memory operand, for BT and its like with a register that of the unit
 * with the bit. @registers: 16 values by number; @rip: of the instruction itself; @segment_base: of
 * insn->segment, 0 for the default.
 */
u64 insn_address(const struct insn *insn, const u64 registers[16], u64 rip, u64 segment_base);
