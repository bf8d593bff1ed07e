/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See insn_operand_32.h.
 */
#include "monitor/svm/insn_operand_32.h"

#include "monitor/svm/insn_decode.h"

#define OPCODE_ESCAPE 0x0f

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, NONE };

static u32 take(struct cursor *c, unsigned int size)
{
	u32 value = 0;

	for (unsigned int i = 0; i < size; i++)
		value |= (u32)next(c) << 8 * i;
	return value;
}

static u32 reg(const u64 *gpr, unsigned int n) { return n == NONE ? 0 : (u32)gpr[n]; }

static bool is_of_stack(unsigned int base) { return base == RBP || base == RSP; }

/* Sets the segment to that of @base. */
static u32 address_16(struct cursor *c, u8 modrm, const u64 *gpr, enum insn_segment *segment)
{
	static const u8 bases[] = { RBX, RBX, RBP, RBP, RSI, RDI, RBP, RBX };
	static const u8 indexes[] = { RSI, RDI, RSI, RDI, NONE, NONE, NONE, NONE };
	unsigned int mod = modrm >> 6, rm = modrm & 7,
		     base = mod == 0 && rm == 6 ? NONE : bases[rm];
	u32 displacement = mod == 1 ? (u32)(s8)next(c) : mod == 2 || base == NONE ? take(c, 2) : 0;

	if (is_of_stack(base))
		*segment = INSN_SEGMENT_SS;
	return (reg(gpr, base) + reg(gpr, indexes[rm]) + displacement) & 0xffff;
}

static u32 address_32(struct cursor *c, u8 modrm, const u64 *gpr, enum insn_segment *segment)
{
	unsigned int mod = modrm >> 6, base = modrm & 7;
	u32 address = 0;

	if (base == RSP) {
		u8 sib = next(c);
		unsigned int index = sib >> 3 & 7;

		base = sib & 7;
		address = index == RSP ? 0 : reg(gpr, index) << (sib >> 6);
	}
	if (mod == 0 && base == RBP)
		base = NONE;
	if (is_of_stack(base))
		*segment = INSN_SEGMENT_SS;
	address += reg(gpr, base);
	if (mod == 1)
		return address + (u32)(s8)next(c);
	return mod == 2 || base == NONE ? address + take(c, 4) : address;
}

/* MOV between memory and rAX: the address follows. */
static bool is_direct(u8 opcode) { return (opcode & 0xfc) == 0xa0; }

bool insn_operand_32(const u8 *bytes, size_t count, enum insn_mode mode, const u64 *gpr,
		     struct insn_operand_32 *operand)
{
	struct cursor c = { bytes, count, 0, false };
	struct prefixes p = { 0 };
	u8 opcode = insn_take_prefixes(&c, mode, &p), modrm = 0;
	unsigned int size = address_size(mode, &p);

	operand->segment = INSN_SEGMENT_DS;
	if (opcode == OPCODE_ESCAPE)
		next(&c);
	if (!is_direct(opcode))
		modrm = next(&c);
	if (modrm >= 0xc0)
		return false;
	operand->offset = is_direct(opcode) ? take(&c, size)
			  : size == 2       ? address_16(&c, modrm, gpr, &operand->segment)
					    : address_32(&c, modrm, gpr, &operand->segment);
	if (p.has_segment)
		operand->segment = p.segment;
	return !c.short_of;
}
