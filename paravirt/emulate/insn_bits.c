/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single bits, scans and counts, BMI, CRC32.
 */
#include "paravirt/emulate/insn_alu.h"

/* The offset beyond the operand is in the address already: insn_address(). */
static u64 bit_of(struct alu *x)
{
	u64 bit = BIT(x->b % x->bits);

	alu_flag(x, RFLAGS_CF, x->a & bit);
	return bit;
}

/* BSF and BSR: without a bit the destination stays. */
static u64 scan(struct alu *x, u64 number)
{
	alu_flag(x, RFLAGS_ZF, !x->b);
	return x->b ? number : x->a;
}

static unsigned int zeros_below(const struct alu *x)
{
	return x->b ? (unsigned int)__builtin_ctzll(x->b) : x->bits;
}

static unsigned int zeros_above(const struct alu *x)
{
	return x->b ? (unsigned int)__builtin_clzll(x->b) - (64 - x->bits) : x->bits;
}

static u64 count_zeros(struct alu *x, unsigned int count)
{
	alu_flag(x, RFLAGS_CF, !x->b);
	alu_flag(x, RFLAGS_ZF, !count);
	return count;
}

static u64 population(struct alu *x)
{
	alu_flag(x, RFLAGS_CF | RFLAGS_OF | RFLAGS_AF | RFLAGS_SF | RFLAGS_PF, false);
	alu_flag(x, RFLAGS_ZF, !x->b);
	return (u64)__builtin_popcountll(x->b);
}

/* BMI: ZF and SF of the result, OF cleared; AF and PF are undefined */
static u64 bmi(struct alu *x, bool carry, u64 result)
{
	alu_flag(x, RFLAGS_CF, carry);
	alu_flag(x, RFLAGS_OF, false);
	return alu_result(x, result);
}

/* The register says from where and how many. */
static u64 extract(struct alu *x)
{
	unsigned int start = (u8)x->a, length = (u8)(x->a >> 8);

	return bmi(x, false, start < x->bits ? x->b >> start & bits_mask(length) : 0);
}

static u64 zero_high(struct alu *x)
{
	unsigned int index = (u8)x->a;

	return bmi(x, index >= x->bits, x->b & bits_mask(index));
}

/* PDEP: the bits of the register, in order, to where the mask has ones. */
static u64 deposit(u64 from, u64 mask)
{
	u64 result = 0;

	for (; mask; mask &= mask - 1, from >>= 1)
		result |= from & 1 ? mask & -mask : 0;
	return result;
}

static u64 gather(u64 from, u64 mask)
{
	u64 result = 0;

	for (u64 to = 1; mask; mask &= mask - 1, to <<= 1)
		result |= from & mask & -mask ? to : 0;
	return result;
}

/* CRC-32C, the polynomial 11EDC6F41 with its bits reversed */
static u64 crc32c(u32 crc, u64 data, unsigned int size)
{
	for (unsigned int i = 0; i < 8 * size; i++, data >>= 1)
		crc = crc >> 1 ^ ((crc ^ data) & 1 ? 0x82f63b78 : 0);
	return crc;
}

u64 alu_bits(struct alu *x, enum insn_kind kind, unsigned int source_size)
{
	switch (kind) {
	case INSN_BT: bit_of(x); return x->a;
	case INSN_BTS: return x->a | bit_of(x);
	case INSN_BTR: return x->a & ~bit_of(x);
	case INSN_BTC: return x->a ^ bit_of(x);
	case INSN_BSF: return scan(x, zeros_below(x));
	case INSN_BSR: return scan(x, x->bits - 1 - zeros_above(x));
	case INSN_TZCNT: return count_zeros(x, zeros_below(x));
	case INSN_LZCNT: return count_zeros(x, zeros_above(x));
	case INSN_POPCNT: return population(x);
	case INSN_ANDN: return bmi(x, false, ~x->a & x->b);
	case INSN_BEXTR: return extract(x);
	case INSN_BLSR: return bmi(x, !x->b, x->b & (x->b - 1));
	case INSN_BLSMSK: return bmi(x, !x->b, x->b ^ (x->b - 1));
	case INSN_BLSI: return bmi(x, x->b, x->b & -x->b);
	case INSN_BZHI: return zero_high(x);
	case INSN_PDEP: return deposit(x->a, x->b);
	case INSN_PEXT: return gather(x->a, x->b);
	case INSN_CRC32: return crc32c((u32)x->a, x->b, source_size);
	default: return x->b;
	}
}
