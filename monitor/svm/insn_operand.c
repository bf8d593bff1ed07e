/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory operands: see insn_operand.h. Does not: VEX, EVEX and XOP, far pointers, the stack.
 */
#include "monitor/svm/insn_operand.h"

#define REX_B 1
#define REX_X 2
#define REX_W 8

#define RSI 6
#define RDI 7

struct decode {
	const u8 *bytes;
	size_t count;
	size_t at;
	u64 segment_base;
	u8 rex;
	bool operand_16;
	bool address_32;
	bool cut;
};

static u64 take(struct decode *d, unsigned int size)
{
	u64 value = 0;

	if (d->count - d->at < size) {
		d->at = d->count;
		d->cut = true;
		return 0;
	}
	for (unsigned int i = 0; i < size; i++)
		value |= (u64)d->bytes[d->at++] << (8 * i);
	return value;
}

static u8 peek(struct decode *d)
{
	d->cut |= d->at == d->count;
	return d->cut ? 0 : d->bytes[d->at];
}

static bool take_prefix(struct decode *d, const struct insn_operand_state *s)
{
	switch (peek(d)) {
	case 0x64: d->segment_base = s->fs_base; break;
	case 0x65: d->segment_base = s->gs_base; break;
	case 0x66: d->operand_16 = true; break;
	case 0x67: d->address_32 = true; break;
	case 0x26: /* the other segments have no base here */
	case 0x2e:
	case 0x36:
	case 0x3e:
	case 0xf0:
	case 0xf2:
	case 0xf3: break;
	default: return false;
	}
	d->at++;
	return true;
}

/* REX counts right before the opcode, unless the processor below takes it anywhere. */
static void take_prefixes(struct decode *d, const struct insn_operand_state *s)
{
	for (;;) {
		if (take_prefix(d, s))
			d->rex = s->keeps_rex ? d->rex : 0;
		else if ((peek(d) & 0xf0) == 0x40)
			d->rex = (u8)take(d, 1);
		else
			return;
	}
}

static unsigned int immediate_word(const struct decode *d) { return d->operand_16 ? 2 : 4; }

/* Bytes behind ModRM and displacement, for addresses that count from the next instruction. */
static unsigned int immediate_size(const struct decode *d, unsigned int opcode, u8 modrm)
{
	bool is_test = (modrm >> 3 & 7) < 2;

	switch (opcode) {
	case 0x6b:
	case 0x80:
	case 0x82:
	case 0x83:
	case 0xc0:
	case 0xc1:
	case 0xc6:
	case 0x0f70:
	case 0x0fa4:
	case 0x0fac:
	case 0x0fba:
	case 0x0fc2:
	case 0x0fc4:
	case 0x0fc6: return 1;
	case 0x69:
	case 0x81:
	case 0xc7: return immediate_word(d);
	case 0xf6: return is_test ? 1 : 0;
	case 0xf7: return is_test ? immediate_word(d) : 0;
	default: return opcode >> 8 == 0x3a ? 1 : 0;
	}
}

static u64 index_of_sib(const struct decode *d, const struct insn_operand_state *s, u8 sib)
{
	unsigned int index = (sib >> 3 & 7) | (d->rex & REX_X ? 8 : 0);

	return index == 4 ? 0 : s->gpr[index] << (sib >> 6);
}

static bool modrm_address(struct decode *d, const struct insn_operand_state *s, unsigned int opcode,
			  u64 *address)
{
	u8 modrm = (u8)take(d, 1);
	unsigned int mod = modrm >> 6, base = modrm & 7;
	bool has_base = mod || base != 5, from_rip = !has_base;

	*address = 0;
	if (mod == 3)
		return false;
	if (base == 4) {
		u8 sib = (u8)take(d, 1);

		base = sib & 7;
		has_base = mod || base != 5;
		from_rip = false;
		*address = index_of_sib(d, s, sib);
	}
	if (has_base)
		*address += s->gpr[base | (d->rex & REX_B ? 8 : 0)];
	if (mod == 1)
		*address += (u64)(s8)take(d, 1);
	else if (mod == 2 || !has_base)
		*address += (u64)(s32)take(d, 4);
	if (from_rip)
		*address += s->rip + d->at + immediate_size(d, opcode, modrm);
	return true;
}

/* One-byte opcodes with a ModRM byte that names data: APM3 table A-1 */
static bool has_modrm(unsigned int opcode)
{
	if (opcode < 0x40)
		return (opcode & 7) < 4;
	return opcode == 0x63 || opcode == 0x69 || opcode == 0x6b ||
	       (opcode >= 0x80 && opcode <= 0x8f && opcode != 0x8d) ||
	       (opcode >= 0xc0 && opcode <= 0xc1) || (opcode >= 0xc6 && opcode <= 0xc7) ||
	       (opcode >= 0xd0 && opcode <= 0xd3) || (opcode >= 0xf6 && opcode <= 0xf7) ||
	       opcode >= 0xfe;
}

static bool one_byte(struct decode *d, const struct insn_operand_state *s, unsigned int opcode,
		     bool write, u64 *address)
{
	switch (opcode) {
	case 0xa0:
	case 0xa1:
	case 0xa2:
	case 0xa3: *address = take(d, d->address_32 ? 4 : 8); return true;
	case 0x6c:
	case 0x6d:
	case 0xaa:
	case 0xab: *address = s->gpr[RDI]; return true;
	case 0x6e:
	case 0x6f:
	case 0xac:
	case 0xad: *address = s->gpr[RSI]; return true;
	case 0xa4:
	case 0xa5: *address = s->gpr[write ? RDI : RSI]; return true;
	default: return has_modrm(opcode) && modrm_address(d, s, opcode, address);
	}
}

enum insn_operand_result insn_operand(const u8 *bytes, size_t count,
				      const struct insn_operand_state *s, bool write, u64 *linear)
{
	struct decode d = { .bytes = bytes, .count = count };
	unsigned int opcode;
	u64 address;
	bool found;

	take_prefixes(&d, s);
	if (d.rex & REX_W)
		d.operand_16 = false;
	opcode = (unsigned int)take(&d, 1);
	if (opcode == 0x0f) {
		opcode = 0x0f00 | (unsigned int)take(&d, 1);
		if (opcode == 0x0f38 || opcode == 0x0f3a)
			opcode = (opcode & 0xff) << 8 | (unsigned int)take(&d, 1);
		found = modrm_address(&d, s, opcode, &address);
	} else {
		found = one_byte(&d, s, opcode, write, &address);
	}
	if (d.cut)
		return INSN_OPERAND_CUT;
	if (!found)
		return INSN_OPERAND_NONE;
	*linear = (d.address_32 ? (u32)address : address) + d.segment_base;
	return INSN_OPERAND_FOUND;
}
