/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells the system instructions that SVM intercepts from their bytes, and their length: TCG has
 * neither NRIP save nor decode assists. And a plain store, as guests make it to devices.
 * Spec: APM3 chapter 1 (prefixes) and each instruction's page; SDM for VMCALL, TDCALL, SEAMCALL.
 */
#pragma once

#include "abi/bits.h"

#define INSN_LENGTH_MAX 15

enum insn_kind {
	INSN_UNKNOWN, /* none of the below, or cut off */
	INSN_LOCKED,  /* one of the below, with a LOCK prefix that it may not have: #UD */
	INSN_PVALIDATE,
	INSN_RMPADJUST,
	INSN_RMPQUERY,
	INSN_RMPUPDATE,
	INSN_PSMASH,
	INSN_VMGEXIT,
	INSN_VMMCALL,
	INSN_VMCALL,
	INSN_TDCALL,
	INSN_SEAMCALL,
	INSN_CPUID,
	INSN_RDMSR,
	INSN_WRMSR, /* right behind it */
	INSN_HLT,
	INSN_PAUSE,
	INSN_RDTSC,
	INSN_RDTSCP,
	INSN_RDPMC,
	INSN_INVD,
	INSN_WBINVD,
	INSN_MONITOR,
	INSN_MWAIT,
	INSN_XSETBV,
	INSN_XGETBV,
	INSN_CLTS,
	INSN_LMSW,
	INSN_INVLPG, /* any 0F 01 /7 with a memory operand */
	INSN_INVLPGA,
	INSN_INVLPGB,
	INSN_TLBSYNC,
	INSN_VMRUN,
	INSN_VMLOAD,
	INSN_VMSAVE,
	INSN_STGI,
	INSN_CLGI,
	INSN_SKINIT,
	INSN_MOV_FROM_CR,
	INSN_MOV_TO_CR,
	INSN_MOV_FROM_DR,
	INSN_MOV_TO_DR,
	INSN_IN,
	INSN_OUT,
	INSN_INS,
	INSN_OUTS,
	INSN_INT3,
	INSN_UD2,
	INSN_STORE, /* MOV from a register or an immediate to memory */
};

/* Code segment's default size. */
enum insn_mode {
	INSN_MODE_16,
	INSN_MODE_32,
	INSN_MODE_64,
};

enum insn_segment {
	INSN_SEGMENT_ES,
	INSN_SEGMENT_CS,
	INSN_SEGMENT_SS,
	INSN_SEGMENT_DS,
	INSN_SEGMENT_FS,
	INSN_SEGMENT_GS,
};

/* Small, since there is one in each exit. */
struct insn {
	enum insn_kind kind;
	u32 port;      /* IN, OUT: immediate port, or INSN_PORT_DX */
	u32 immediate; /* of a store */
	u8 length;
	u8 gpr;          /* MOV CR/DR, store, LMSW: 0 RAX, 1 RCX ... 15 R15 */
	u8 special;      /* MOV CR/DR: which control or debug register */
	u8 operand_size; /* IN, OUT, INS, OUTS, store: bytes */
	u8 address_size; /* INS, OUTS, and of 0F 01: bytes */
	u8 segment;      /* enum insn_segment; OUTS: source; INS: always ES; 0F 01: of rAX */
	bool cut;        /* unknown for want of a byte, which the instruction has */
	bool rep;
	bool is_memory;     /* of LMSW, instead of gpr */
	bool has_immediate; /* of a store, instead of gpr; of 8 bytes: extended by its sign */
	bool has_high_byte; /* of a store: gpr 4 to 7 is AH, CH, DH, BH */
};

#define INSN_PORT_DX 0x10000

/*
 * REX counts in front of another prefix too, where APM3 1.2.7 has it ignored: so does the processor
 * below, of QEMU 7.2's, whose exits are by what it executes. Set once.
 */
extern bool insn_keeps_rex;

/* VMGEXIT as guests write it, F3 0F 01 D9, as a number in memory. */
#define INSN_VMGEXIT_BYTES 0xd9010ff3

static inline bool insn_begins(const u8 *bytes, u32 with)
{
	u32 begin;

	__builtin_memcpy(&begin, bytes, sizeof(begin));
	return begin == with;
}

/*
 * Identifies the instruction at @bytes, of which @count could be fetched. insn.kind is
 * INSN_UNKNOWN and the length 0 for any other, for a cut-off one and for one beyond 15 bytes.
 */
struct insn insn_identify(const u8 *bytes, size_t count, enum insn_mode mode);
