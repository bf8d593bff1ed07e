/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shifts and rotations. A count of 0 changes no flag; OF is defined for a count of 1 alone, and is
 * made here for every count as for that one.
 */
#include "paravirt/emulate/insn_alu.h"

static void set_carry(struct alu *x, bool carry, bool overflow)
{
	alu_flag(x, RFLAGS_CF, carry);
	alu_flag(x, RFLAGS_OF, overflow);
}

/* @value moved by a count that may be more than there are bits. */
static u64 left(const struct alu *x, u64 value, unsigned int count)
{
	return count < 64 ? value << count & x->mask : 0;
}

static u64 right(u64 value, unsigned int count) { return count < 64 ? value >> count : 0; }

static u64 shl(struct alu *x, unsigned int count)
{
	u64 result = left(x, x->a, count);
	bool out = left(x, x->a, count - 1) & x->sign;

	set_carry(x, out, out != !!(result & x->sign));
	return alu_result(x, result);
}

static u64 shr(struct alu *x, unsigned int count)
{
	set_carry(x, right(x->a, count - 1) & 1, x->a & x->sign);
	return alu_result(x, right(x->a, count));
}

static u64 sar(struct alu *x, unsigned int count)
{
	s64 value = alu_signed(x, x->a);

	set_carry(x, value >> (count - 1) & 1, false);
	return alu_result(x, (u64)(value >> count));
}

static u64 turn_left(const struct alu *x, unsigned int count)
{
	count %= x->bits;
	return left(x, x->a, count) | right(x->a, x->bits - count);
}

static u64 rol(struct alu *x, unsigned int count)
{
	u64 result = turn_left(x, count);

	set_carry(x, result & 1, (result & 1) != !!(result & x->sign));
	return result;
}

static u64 ror(struct alu *x, unsigned int count)
{
	u64 result = turn_left(x, x->bits - count % x->bits);

	set_carry(x, result & x->sign, (result ^ result << 1) & x->sign);
	return result;
}

/* One turn of the operand and CF, bits + 1 in all. */
static u64 rcl_once(struct alu *x, u64 value)
{
	u64 result = left(x, value, 1) | alu_carry(x);
	bool out = value & x->sign;

	set_carry(x, out, out != !!(result & x->sign));
	return result;
}

static u64 rcr_once(struct alu *x, u64 value)
{
	u64 result = value >> 1 | (alu_carry(x) ? x->sign : 0);

	set_carry(x, value & 1, (result ^ result << 1) & x->sign);
	return result;
}

static u64 turn_with_carry(struct alu *x, u64 (*once)(struct alu *, u64), unsigned int count)
{
	u64 value = x->a;

	for (count %= x->bits + 1; count; count--)
		value = once(x, value);
	return value;
}

/* SHLD and SHRD; for 16 bits and a count above 16 the manual defines nothing. */
static u64 shld(struct alu *x, unsigned int count)
{
	u64 result = left(x, x->a, count) | right(x->b, x->bits - count % x->bits);

	set_carry(x, left(x, x->a, count - 1) & x->sign, (x->a ^ result) & x->sign);
	return alu_result(x, result);
}

static u64 shrd(struct alu *x, unsigned int count)
{
	u64 result = right(x->a, count) | left(x, x->b, x->bits - count % x->bits);

	set_carry(x, right(x->a, count - 1) & 1, (x->a ^ result) & x->sign);
	return alu_result(x, result);
}

static u64 shift(struct alu *x, enum insn_kind kind, unsigned int count)
{
	switch (kind) {
	case INSN_ROL: return rol(x, count);
	case INSN_ROR: return ror(x, count);
	case INSN_RCL: return turn_with_carry(x, rcl_once, count);
	case INSN_RCR: return turn_with_carry(x, rcr_once, count);
	case INSN_SHL: return shl(x, count);
	case INSN_SHR: return shr(x, count);
	case INSN_SAR: return sar(x, count);
	case INSN_SHLD: return shld(x, count);
	default: return shrd(x, count);
	}
}

/* The ones of BMI2 have the count before memory, and no flags. */
static u64 shift_without_flags(struct alu *x, enum insn_kind kind, unsigned int count)
{
	x->a = x->b;
	switch (kind) {
	case INSN_RORX: return turn_left(x, x->bits - count % x->bits);
	case INSN_SHLX: return left(x, x->a, count);
	case INSN_SHRX: return right(x->a, count);
	default: return (u64)(alu_signed(x, x->a) >> count);
	}
}

u64 alu_shift(struct alu *x, enum insn_kind kind)
{
	unsigned int limit = x->bits == 64 ? 63 : 31;
	bool is_double = kind == INSN_SHLD || kind == INSN_SHRD;

	if (kind >= INSN_RORX)
		return shift_without_flags(x, kind, (unsigned int)x->a & limit);
	if (!((is_double ? x->c : x->b) & limit))
		return x->a;
	return shift(x, kind, (unsigned int)(is_double ? x->c : x->b) & limit);
}
