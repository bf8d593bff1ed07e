/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoder for the 64-bit instructions that can exit as #VC or #VE: the system ones, port I/O and
 * moves between a register (or immediate) and memory. Pure; everything else is refused.
 * Spec: APM3 chapter 1 (encoding), appendix A (opcode maps).
 * Does not: VEX and EVEX, arithmetic on memory, LOCK, segment overrides other than FS and GS.
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"

#define INSN_SIZE_MAX 15

enum insn_kind {
	INSN_CPUID,
	INSN_RDMSR,
	INSN_WRMSR,
	INSN_RDTSC,
	INSN_RDTSCP,
	INSN_RDPMC,
	INSN_WBINVD,
	INSN_INVD,
	INSN_MONITOR,
	INSN_MWAIT,
	INSN_HLT,
	INSN_VMMCALL,
	INSN_VMGEXIT,
	INSN_VMCALL,
	INSN_MOV_FROM_DR, /* rm <- DR reg */
	INSN_MOV_TO_DR,   /* DR reg <- rm */
	INSN_IN,
	INSN_OUT,
	INSN_INS,
	INSN_OUTS,
	INSN_LOAD,      /* reg <- memory: MOV */
	INSN_LOAD_ZERO, /* MOVZX */
	INSN_LOAD_SIGN, /* MOVSX, MOVSXD */
	INSN_STORE,     /* memory <- reg: MOV, MOVNTI */
	INSN_STORE_IMM, /* memory <- immediate: MOV */
	INSN_MOVS,
	INSN_STOS,
};

enum insn_base {
	/* 0 to 15: the register, by its number in the encoding */
	INSN_BASE_RIP = 16,
	INSN_BASE_NONE,
};

enum insn_segment {
	INSN_SEGMENT_DEFAULT, /* base 0 in 64-bit mode */
	INSN_SEGMENT_FS,
	INSN_SEGMENT_GS,
};

struct insn {
	enum insn_kind kind;
	u8 length;
	u8 reg;           /* the register operand; DR number for MOV DR */
	u8 rm;            /* the other register, for MOV DR */
	bool reg_high;    /* reg is AH CH DH BH, stored as AX CX DX BX */
	u8 reg_size;      /* bytes: 1 2 4 8 */
	u8 memory_size;   /* bytes moved to or from memory or port: 1 2 4 8 */
	u8 address_size;  /* 4 or 8 */
	bool rep;         /* string instruction with F3 or F2 */
	bool port_is_imm; /* IN, OUT: port in immediate, else DX */
	u64 immediate;    /* sign-extended to 64 bits, or the port */

	/* the memory operand of LOAD* and STORE* */
	enum insn_segment segment;
	u8 base;  /* enum insn_base */
	u8 index; /* register, or INSN_BASE_NONE */
	u8 scale; /* 1 2 4 8 */
	s64 displacement;
};

/*
 * Decodes at most @size bytes. 0; -E_FAULT when the instruction goes on behind them; -E_INVAL when
 * it is none of the kinds above, or longer than 15 bytes.
 */
int must_check insn_decode(struct insn *insn, const u8 *bytes, size_t size);

/*
 * The linear address of the memory operand. @registers: 16 values by number; @rip: of the
 * instruction itself; @segment_base: of insn->segment, 0 for the default.
 */
u64 insn_address(const struct insn *insn, const u64 registers[16], u64 rip, u64 segment_base);
