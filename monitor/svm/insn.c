/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System instructions from their bytes: see insn.h.
 */
#include "monitor/svm/insn.h"
#include "lib/compiler.h"
#include "monitor/svm/insn_decode.h"

bool insn_keeps_rex;

static bool take_prefix(struct prefixes *p, u8 byte)
{
	switch (byte) {
	case 0x26: p->segment = INSN_SEGMENT_ES; break;
	case 0x2e: p->segment = INSN_SEGMENT_CS; break;
	case 0x36: p->segment = INSN_SEGMENT_SS; break;
	case 0x3e: p->segment = INSN_SEGMENT_DS; break;
	case 0x64: p->segment = INSN_SEGMENT_FS; break;
	case 0x65: p->segment = INSN_SEGMENT_GS; break;
	case 0x66: p->operand = true; return true;
	case 0x67: p->address = true; return true;
	case 0xf0: p->lock = true; return true;
	case 0xf2:
	case 0xf3: p->repeat = byte; return true;
	default: return false;
	}
	p->has_segment = true;
	return true;
}

u8 insn_take_prefixes(struct cursor *c, enum insn_mode mode, struct prefixes *p)
{
	for (;;) {
		u8 byte = next(c);

		if (byte == 0x0f)
			return byte;
		if (take_prefix(p, byte)) {
			p->rex = insn_keeps_rex ? p->rex : 0;
		} else if (mode == INSN_MODE_64 && (byte & 0xf0) == 0x40 && !c->short_of) {
			p->rex = byte;
		} else {
			return byte;
		}
	}
}

/* Of port I/O, which has no 64-bit form: REX.W means 32 bits and counts more than 66. */
static unsigned int operand_size(enum insn_mode mode, const struct prefixes *p)
{
	if (p->rex & REX_W)
		return 4;
	return (mode == INSN_MODE_16) != p->operand ? 2 : 4;
}

/* The two registers of MOV CR and MOV DR. */
static void decode_special(struct cursor *c, const struct prefixes *p, struct insn *insn)
{
	u8 modrm = next(c);

	insn->special = (modrm >> 3 & 7) | (p->rex & REX_R ? 8 : 0);
	insn->gpr = (modrm & 7) | (p->rex & REX_B ? 8 : 0);
}

/* 0F and one byte more, whatever the prefixes: most of what exits */
static const u8 two_bytes[256] = {
	[0x06] = INSN_CLTS,  [0x08] = INSN_INVD,  [0x09] = INSN_WBINVD,
	[0x0b] = INSN_UD2,   [0x30] = INSN_WRMSR, [0x31] = INSN_RDTSC,
	[0x32] = INSN_RDMSR, [0x33] = INSN_RDPMC, [0xa2] = INSN_CPUID,
};

static enum insn_kind decode_two_byte(struct cursor *c, enum insn_mode mode,
				      const struct prefixes *p, struct insn *insn)
{
	u8 opcode = next(c);

	switch (opcode) {
	case 0x01: return insn_group_7(c, mode, p, insn);
	case 0x20: decode_special(c, p, insn); return INSN_MOV_FROM_CR;
	case 0x21: decode_special(c, p, insn); return INSN_MOV_FROM_DR;
	case 0x22: decode_special(c, p, insn); return INSN_MOV_TO_CR;
	case 0x23: decode_special(c, p, insn); return INSN_MOV_TO_DR;
	default: return two_bytes[opcode];
	}
}

/* Port I/O: bit 0 of each opcode says byte or word, the table says the rest. */
static enum insn_kind decode_port(struct cursor *c, u8 opcode, enum insn_mode mode,
				  const struct prefixes *p, struct insn *insn)
{
	insn->operand_size = opcode & 1 ? operand_size(mode, p) : 1;
	insn->address_size = address_size(mode, p);
	insn->rep = p->repeat != 0;
	insn->port = INSN_PORT_DX;
	switch (opcode & 0xfe) {
	case 0x6c: insn->segment = INSN_SEGMENT_ES; return INSN_INS;
	case 0x6e: insn->segment = p->has_segment ? p->segment : INSN_SEGMENT_DS; return INSN_OUTS;
	case 0xe4: insn->port = next(c); return INSN_IN;
	case 0xe6: insn->port = next(c); return INSN_OUT;
	case 0xec: return INSN_IN;
	default: return INSN_OUT;
	}
}

/* MOV r/m, imm has no immediate of more than 32 bits. */
static enum insn_kind store_immediate(struct cursor *c, struct insn *insn)
{
	insn->gpr = 0;
	insn->has_immediate = true;
	for (unsigned int i = 0; i < insn->operand_size && i < 4; i++)
		insn->immediate |= (u32)next(c) << 8 * i;
	return INSN_STORE;
}

static enum insn_kind store_to_offset(struct cursor *c, unsigned int size)
{
	while (size--)
		next(c);
	return INSN_STORE;
}

/* MOV r/m, r (88, 89); r/m, imm (c6, c7); moffs, rAX (a2, a3): the register or the value. */
static enum insn_kind decode_store(struct cursor *c, u8 opcode, enum insn_mode mode,
				   const struct prefixes *p, struct insn *insn)
{
	bool has_immediate = (opcode & 0xfe) == 0xc6;
	u8 modrm;

	insn->operand_size = !(opcode & 1) ? 1 : p->rex & REX_W ? 8 : operand_size(mode, p);
	if ((opcode & 0xfe) == 0xa2)
		return store_to_offset(c, address_size(mode, p));
	modrm = next(c);
	if (modrm >= 0xc0 || (has_immediate && modrm & 0x38))
		return INSN_UNKNOWN;
	insn->gpr = (modrm >> 3 & 7) | (p->rex & REX_R ? 8 : 0);
	insn->has_high_byte = insn->operand_size == 1 && !p->rex && insn->gpr >= 4;
	skip_memory_operand(c, modrm, address_size(mode, p));
	return has_immediate ? store_immediate(c, insn) : INSN_STORE;
}

static enum insn_kind decode_opcode(struct cursor *c, u8 opcode, enum insn_mode mode,
				    const struct prefixes *p, struct insn *insn)
{
	switch (opcode) {
	case 0x0f: return decode_two_byte(c, mode, p, insn);
	case 0x6c ... 0x6f:
	case 0xe4 ... 0xe7:
	case 0xec ... 0xef: return decode_port(c, opcode, mode, p, insn);
	case 0x88 ... 0x89:
	case 0xa2 ... 0xa3:
	case 0xc6 ... 0xc7: return decode_store(c, opcode, mode, p, insn);
	case 0x90: return p->repeat == 0xf3 && !(p->rex & REX_B) ? INSN_PAUSE : INSN_UNKNOWN;
	case 0xcc: return INSN_INT3;
	case 0xf4: return INSN_HLT;
	default: return INSN_UNKNOWN;
	}
}

/* LOCK MOV CR0 is AMD's other name of CR8; of no other control register (APM3, MOV CRn). */
static enum insn_kind locked(enum insn_kind kind, struct insn *insn)
{
	if ((kind != INSN_MOV_FROM_CR && kind != INSN_MOV_TO_CR) || insn->special)
		return INSN_LOCKED;
	insn->special = 8;
	return kind;
}

static enum insn_kind decode(struct cursor *c, enum insn_mode mode, struct insn *insn)
{
	struct prefixes p = { 0 };
	u8 opcode = insn_take_prefixes(c, mode, &p);
	enum insn_kind kind = decode_opcode(c, opcode, mode, &p, insn);

	return p.lock && kind ? locked(kind, insn) : kind;
}

static __attribute__((noinline)) struct insn decode_all(const u8 *bytes, size_t count,
							enum insn_mode mode)
{
	struct cursor c = { bytes, count < INSN_LENGTH_MAX ? count : INSN_LENGTH_MAX, 0, false };
	struct insn insn = { 0 };

	insn.kind = decode(&c, mode, &insn);
	if (insn.kind == INSN_UNKNOWN || c.short_of)
		return (struct insn){ .kind = INSN_UNKNOWN,
				      .cut = c.short_of && count < INSN_LENGTH_MAX };
	insn.length = (unsigned int)c.at;
	return insn;
}

/* The two that are most frequent and shortest to tell first. */
struct insn insn_identify(const u8 *bytes, size_t count, enum insn_mode mode)
{
	if (count >= 2 && bytes[0] == 0x0f && two_bytes[bytes[1]])
		return (struct insn){ .kind = two_bytes[bytes[1]], .length = 2 };
	if (count >= sizeof(u32) && insn_begins(bytes, INSN_VMGEXIT_BYTES))
		return (struct insn){ .kind = INSN_VMGEXIT, .length = sizeof(u32) };
	return decode_all(bytes, count, mode);
}
