/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An operation at work, for the files that insn_compute.c is split into.
 */
#pragma once

#include "abi/x86.h"
#include "paravirt/emulate/insn.h"

struct alu {
	unsigned int bits;
	u64 mask;    /* as many low bits */
	u64 sign;    /* the highest of them */
	u64 a, b, c; /* operands, no more than their bits */
	u64 rflags;
};

static inline void alu_flag(struct alu *x, u64 flag, bool value)
{
	x->rflags = value ? x->rflags | flag : x->rflags & ~flag;
}

static inline bool alu_carry(const struct alu *x) { return x->rflags & RFLAGS_CF; }

/* ZF, SF and PF say what the result is. */
static inline u64 alu_result(struct alu *x, u64 result)
{
	result &= x->mask;
	alu_flag(x, RFLAGS_ZF, !result);
	alu_flag(x, RFLAGS_SF, result & x->sign);
	alu_flag(x, RFLAGS_PF, !__builtin_parity((u8)result));
	return result;
}

static inline s64 alu_signed(const struct alu *x, u64 value)
{
	return (s64)(value << (64 - x->bits)) >> (64 - x->bits);
}

/* ROL to SAR, SHLD, SHRD, and the ones without flags */
u64 alu_shift(struct alu *x, enum insn_kind kind);
/* BT to BTC, scans and counts, BMI, CRC32 */
u64 alu_bits(struct alu *x, enum insn_kind kind, unsigned int source_size);
