/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moves, sums, logic, products and quotients.
 */
#include "paravirt/emulate/insn_compute.h"

#include "lib/compiler.h"
#include "paravirt/emulate/insn_alu.h"

/* A carry or borrow out of each bit; AF is that of bit 3, CF that of the highest. */
static void set_carries(struct alu *x, u64 carries)
{
	alu_flag(x, RFLAGS_CF, carries & x->sign);
	alu_flag(x, RFLAGS_AF, carries & 8);
}

static u64 add(struct alu *x, u64 a, u64 b, bool carry)
{
	u64 sum = a + b + carry;

	set_carries(x, (a & b) | ((a | b) & ~sum));
	alu_flag(x, RFLAGS_OF, (a ^ sum) & (b ^ sum) & x->sign);
	return alu_result(x, sum);
}

static u64 subtract(struct alu *x, u64 a, u64 b, bool borrow)
{
	u64 difference = a - b - borrow;

	set_carries(x, (~a & b) | ((~a | b) & difference));
	alu_flag(x, RFLAGS_OF, (a ^ b) & (a ^ difference) & x->sign);
	return alu_result(x, difference);
}

static u64 logic(struct alu *x, u64 result)
{
	alu_flag(x, RFLAGS_CF | RFLAGS_OF | RFLAGS_AF, false); /* AF: undefined */
	return alu_result(x, result);
}

/* INC and DEC leave CF. */
static u64 step(struct alu *x, u64 (*operation)(struct alu *, u64, u64, bool))
{
	bool carry = alu_carry(x);
	u64 result = operation(x, x->a, 1, false);

	alu_flag(x, RFLAGS_CF, carry);
	return result;
}

/* ADCX and ADOX: a sum whose carry comes from and goes to one flag, and nothing else. */
static u64 add_by(struct alu *x, u64 flag)
{
	u64 sum = x->a + x->b + !!(x->rflags & flag);

	alu_flag(x, flag, ((x->a & x->b) | ((x->a | x->b) & ~sum)) & x->sign);
	return sum;
}

/* APM3 table A-11: O, B, Z, BE, S, P, L, LE; an odd number says not */
static bool condition(const struct alu *x, u8 number)
{
	u64 f = x->rflags;
	bool less = !(f & RFLAGS_SF) != !(f & RFLAGS_OF);
	const bool holds[8] = { f & RFLAGS_OF, f & RFLAGS_CF,
				f & RFLAGS_ZF, f & (RFLAGS_CF | RFLAGS_ZF),
				f & RFLAGS_SF, f & RFLAGS_PF,
				less,          less || f & RFLAGS_ZF };

	return holds[number >> 1 & 7] != (number & 1);
}

/* CF and OF: the low half does not say it all. */
static void multiply(struct alu *x, bool is_signed, u64 *low, u64 *high)
{
	unsigned __int128 product =
		is_signed ? (unsigned __int128)((__int128)alu_signed(x, x->a) * alu_signed(x, x->b))
			  : (unsigned __int128)x->a * x->b;
	bool more;

	*low = (u64)product & x->mask;
	*high = (u64)(product >> x->bits) & x->mask;
	more = *high != (is_signed && *low & x->sign ? x->mask : 0);
	alu_flag(x, RFLAGS_CF | RFLAGS_OF, more);
}

static u64 multiply_low(struct alu *x)
{
	u64 low, high;

	multiply(x, true, &low, &high);
	return low;
}

static u64 swap_bytes(const struct alu *x) { return __builtin_bswap64(x->b) >> (64 - x->bits); }

static u64 compute(struct alu *x, const struct insn *insn)
{
	switch (insn->kind) {
	case INSN_MOV:
	case INSN_MOVSX: return x->b;
	case INSN_MOVBE: return swap_bytes(x);
	case INSN_CMOV: return condition(x, insn->condition) ? x->b : x->a;
	case INSN_SET: return condition(x, insn->condition);
	case INSN_ADD: return add(x, x->a, x->b, false);
	case INSN_ADC: return add(x, x->a, x->b, alu_carry(x));
	case INSN_SUB:
	case INSN_CMP: return subtract(x, x->a, x->b, false);
	case INSN_SBB: return subtract(x, x->a, x->b, alu_carry(x));
	case INSN_OR: return logic(x, x->a | x->b);
	case INSN_XOR: return logic(x, x->a ^ x->b);
	case INSN_AND:
	case INSN_TEST: return logic(x, x->a & x->b);
	case INSN_INC: return step(x, add);
	case INSN_DEC: return step(x, subtract);
	case INSN_NOT: return ~x->a;
	case INSN_NEG: return subtract(x, 0, x->a, false);
	case INSN_IMUL: return multiply_low(x);
	case INSN_ADCX: return add_by(x, RFLAGS_CF);
	case INSN_ADOX: return add_by(x, RFLAGS_OF);
	case INSN_ROL ... INSN_SHRD:
	case INSN_RORX ... INSN_SHRX: return alu_shift(x, insn->kind);
	default: return alu_bits(x, insn->kind, insn->memory_size);
	}
}

static struct alu alu_of(const struct insn *insn, u64 rflags)
{
	unsigned int bits = 8 * insn->reg_size;

	return (struct alu){
		.bits = bits,
		.mask = bits_mask(bits),
		.sign = BIT(bits - 1),
		.rflags = rflags,
	};
}

/* MOVZX and MOVSX are told apart by how the smaller source grows. */
static u64 second_of(const struct insn *insn, u64 value)
{
	unsigned int unused = 64 - 8 * insn->memory_size;

	if (insn->memory_first)
		return value;
	value = value << unused;
	return insn->kind == INSN_MOVSX ? (u64)((s64)value >> unused) : value >> unused;
}

u64 insn_compute(const struct insn *insn, const struct insn_operands *o, u64 *rflags)
{
	struct alu x = alu_of(insn, *rflags);
	u64 result;

	x.a = o->first & x.mask;
	x.b = second_of(insn, o->second) & x.mask;
	x.c = o->third;
	result = compute(&x, insn) & x.mask;
	*rflags = x.rflags;
	return result;
}

/* High:low by @divisor, bit by bit: the quotient into *low, the rest into *high. */
static int divide(const struct alu *x, u64 divisor, u64 *low, u64 *high)
{
	if (*high >= divisor) /* 0 too */
		return -E_RANGE;
	for (unsigned int i = 0; i < x->bits; i++) {
		bool over = *high >> 63;

		*high = *high << 1 | !!(*low & x->sign);
		*low = *low << 1 & x->mask;
		if (over || *high >= divisor) {
			*high -= divisor;
			*low |= 1;
		}
	}
	return 0;
}

static void negate_pair(const struct alu *x, u64 *low, u64 *high)
{
	*high = (~*high + !*low) & x->mask;
	*low = -*low & x->mask;
}

/* By magnitudes; the rest has the sign of the dividend. */
static int divide_signed(const struct alu *x, u64 divisor, u64 *low, u64 *high)
{
	bool minus = *high & x->sign, differ = minus != !!(divisor & x->sign);

	if (minus)
		negate_pair(x, low, high);
	if (divide(x, divisor & x->sign ? -divisor & x->mask : divisor, low, high))
		return -E_RANGE;
	if (*low > (differ ? x->sign : x->sign - 1))
		return -E_RANGE;
	*low = (differ ? -*low : *low) & x->mask;
	*high = (minus ? -*high : *high) & x->mask;
	return 0;
}

int insn_compute_wide(const struct insn *insn, u64 source, u64 *low, u64 *high, u64 *rflags)
{
	struct alu x = alu_of(insn, *rflags);

	x.a = *low &= x.mask;
	x.b = source & x.mask;
	*high &= x.mask;
	if (insn->kind == INSN_DIV)
		return divide(&x, x.b, low, high);
	if (insn->kind == INSN_IDIV)
		return divide_signed(&x, x.b, low, high);
	multiply(&x, insn->kind == INSN_IMUL_WIDE, low, high);
	if (insn->kind != INSN_MULX)
		*rflags = x.rflags;
	return 0;
}
