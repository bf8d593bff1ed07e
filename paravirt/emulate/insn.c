/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoder: prefixes, the opcode's rule (insn_map.c), then operands as the rule says.
 */
#include "paravirt/emulate/insn.h"

#include "lib/compiler.h"
#include "paravirt/emulate/insn_map.h"

#define R 1
#define W 2
#define L 4

static const u8 access_of[INSN_KIND_COUNT] = {
#define INSN(name, access) [INSN_##name] = (access),
#include "paravirt/emulate/insn.def"
#undef INSN
};

struct cursor {
	const u8 *bytes;
	size_t size;
	size_t at;
	bool overrun;
};

struct prefixes {
	bool any;
	bool operand_size; /* 66 */
	bool address_size; /* 67 */
	bool lock;
	bool vex;
	bool vex_l;
	u8 repeat; /* F2 or F3: the last one counts, or 0 */
	u8 rex;
	u8 vvvv;
	u8 segment; /* enum insn_segment */
};

#define REX_B 0x1
#define REX_X 0x2
#define REX_R 0x4
#define REX_W 0x8

static u8 take(struct cursor *c)
{
	if (c->at >= c->size) {
		c->overrun = true;
		return 0;
	}
	return c->bytes[c->at++];
}

/* @size bytes, little-endian, sign-extended. */
static s64 take_signed(struct cursor *c, unsigned int size)
{
	u64 value = 0;
	unsigned int unused = 64 - 8 * size;

	for (unsigned int i = 0; i < size; i++)
		value |= (u64)take(c) << (8 * i);
	return (s64)(value << unused) >> unused;
}

/*
 * Returns the first byte that is no prefix. REX counts only right before it; of FS and GS the last
 * one does, and the other segments mean nothing in 64-bit mode (APM3 1.2.4).
 */
static u8 take_prefixes(struct cursor *c, struct prefixes *p)
{
	while (!c->overrun) {
		u8 byte = take(c);

		if ((byte & 0xf0) == 0x40) {
			p->rex = byte;
			p->any = true;
			continue;
		}
		switch (byte) {
		case 0x26:
		case 0x2e:
		case 0x36:
		case 0x3e: break;
		case 0x64: p->segment = INSN_SEGMENT_FS; break;
		case 0x65: p->segment = INSN_SEGMENT_GS; break;
		case 0x66: p->operand_size = true; break;
		case 0x67: p->address_size = true; break;
		case 0xf0: p->lock = true; break;
		case 0xf2:
		case 0xf3: p->repeat = byte; break;
		default: return byte;
		}
		p->rex = 0;
		p->any = true;
	}
	return 0;
}

/* APM3 1.2.7: C4 and C5, which in 64-bit mode are nothing else; bits stored inverted */
static int take_vex(struct cursor *c, struct prefixes *p, struct insn_opcode *o, u8 escape)
{
	static const u8 mandatory[] = { 0, 0x66, 0xf3, 0xf2 };
	u8 byte = take(c);

	if (p->operand_size || p->repeat || p->lock || p->rex)
		return -E_INVAL;
	p->any = p->vex = o->vex = true;
	p->rex = byte & 0x80 ? 0 : REX_R;
	o->map = INSN_MAP_0F;
	if (escape == 0xc4) {
		p->rex |= (byte & 0x40 ? 0 : REX_X) | (byte & 0x20 ? 0 : REX_B);
		o->map = byte & 0x1f;
		byte = take(c);
		p->rex |= byte & 0x80 ? REX_W : 0;
	}
	p->vvvv = ~byte >> 3 & 0xf;
	p->vex_l = byte & 4;
	o->prefix = mandatory[byte & 3];
	o->byte = take(c);
	return o->map == INSN_MAP_PRIMARY ? -E_INVAL : 0;
}

static int take_opcode(struct cursor *c, struct prefixes *p, struct insn_opcode *o)
{
	u8 byte = take_prefixes(c, p);

	if (byte == 0xc4 || byte == 0xc5)
		return take_vex(c, p, o, byte);
	if (byte == 0x0f) {
		o->map = INSN_MAP_0F;
		byte = take(c);
		if (byte == 0x38 || byte == 0x3a) {
			o->map = byte == 0x38 ? INSN_MAP_0F38 : INSN_MAP_0F3A;
			byte = take(c);
		}
	}
	o->byte = byte;
	o->prefix = p->repeat ? p->repeat : p->operand_size ? 0x66 : 0;
	return 0;
}

static bool prefixes_fit(const struct prefixes *p, u8 kind, u32 flags)
{
	if (p->lock && (!(access_of[kind] & L) || flags & F_TO_REG))
		return false;
	if (p->vvvv && !(flags & (F_VVVV | F_TO_VVVV)))
		return false;
	if (p->rex & REX_W && flags & F_NO_W)
		return false;
	if (p->operand_size && !(p->rex & REX_W) && flags & F_NO_66)
		return false;
	if ((p->operand_size || p->repeat) && flags & F_NO_PREFIX)
		return false;
	return !(p->vex_l && flags & F_L0);
}

static u8 operand_size(const struct prefixes *p, u32 flags)
{
	if (flags & F_BYTE)
		return 1;
	if (p->rex & REX_W) /* counts more than 66 */
		return flags & F_MAX_32 ? 4 : 8;
	if (p->operand_size && !(flags & F_66_OPCODE))
		return 2;
	return flags & F_D64 ? 8 : 4;
}

/* Where register and memory differ. */
static void set_other_sizes(struct insn *insn, const struct prefixes *p, u32 flags)
{
	if (flags & F_MIN_32 && insn->reg_size < 4)
		insn->reg_size = 4;
	if (flags >> F_MEM_SHIFT)
		insn->memory_size = (u8)(1 << ((flags >> F_MEM_SHIFT) - 1));
	if (insn->memory_size == 16 && p->vex_l)
		insn->memory_size = 32;
}

/* AH CH DH BH are 4 to 7 of the byte registers where there is no REX. */
static void set_reg(struct insn *insn, const struct prefixes *p, u8 reg)
{
	insn->reg_high = insn->reg_size == 1 && !p->rex && reg >= 4;
	insn->reg = insn->reg_high ? reg - 4 : (u8)(reg | (p->rex & REX_R ? 8 : 0));
}

static void take_sib(struct insn *insn, struct cursor *c, const struct prefixes *p, u8 mod)
{
	u8 sib = take(c), base = sib & 7, index = (u8)((sib >> 3 & 7) | (p->rex & REX_X ? 8 : 0));

	insn->scale = (u8)(1 << (sib >> 6));
	if (index != 4)
		insn->index = index;
	if (base == 5 && mod == 0)
		insn->displacement = take_signed(c, 4);
	else
		insn->base = (u8)(base | (p->rex & REX_B ? 8 : 0));
}

/* APM3 1.4: ModRM, SIB and displacement of a memory operand */
static int take_modrm(struct insn *insn, struct cursor *c, const struct prefixes *p, u8 modrm)
{
	u8 mod = modrm >> 6, rm = modrm & 7;

	if (mod == 3)
		return -E_INVAL;
	if (rm == 4) {
		take_sib(insn, c, p, mod);
	} else if (rm == 5 && mod == 0) {
		insn->base = INSN_BASE_RIP;
		insn->displacement = take_signed(c, 4);
	} else {
		insn->base = (u8)(rm | (p->rex & REX_B ? 8 : 0));
	}
	if (mod == 1)
		insn->displacement = take_signed(c, 1);
	else if (mod == 2)
		insn->displacement = take_signed(c, 4);
	set_reg(insn, p, modrm >> 3 & 7);
	return 0;
}

/* SHLD and SHRD have a register and a count, all others one of them. */
static void set_others(struct insn *insn, const struct prefixes *p, u32 flags)
{
	u8 last = flags & F_CONSTANT ? INSN_OPERAND_IMM
		  : flags & F_CL     ? INSN_OPERAND_CL
				     : INSN_OPERAND_NONE;

	insn->other = flags & F_REG ? INSN_OPERAND_REG : last;
	insn->third = flags & F_REG ? last : INSN_OPERAND_NONE;
	if (flags & F_VVVV)
		insn->other = INSN_OPERAND_VVVV;
	insn->vvvv = p->vvvv;
	if (flags & F_TO_VVVV)
		insn->reg = p->vvvv;
	insn->memory_first = !(flags & F_TO_REG);
	insn->vex = p->vex;
}

static int take_memory(struct insn *insn, struct cursor *c, const struct prefixes *p, u8 modrm,
		       u32 flags)
{
	int rc;

	set_other_sizes(insn, p, flags);
	rc = flags & F_MODRM ? take_modrm(insn, c, p, modrm) : 0;
	if (flags & F_MOFFS)
		insn->displacement = take_signed(c, insn->address_size);
	if (flags & F_XLAT) {
		insn->base = INSN_REG_RBX;
		insn->index = INSN_BASE_AL;
	}
	set_others(insn, p, flags);
	return rc;
}

static int set_registers(struct insn *insn, const struct prefixes *p, u8 modrm)
{
	insn->reg = (u8)((modrm >> 3 & 7) | (p->rex & REX_R ? 8 : 0));
	insn->rm = (u8)((modrm & 7) | (p->rex & REX_B ? 8 : 0));
	return insn->reg > 7 ? -E_INVAL : 0;
}

static u64 take_constant(const struct insn *insn, struct cursor *c, u32 flags)
{
	if (flags & F_IMM)
		return (u64)take_signed(c, insn->reg_size == 8 ? 4 : insn->reg_size);
	if (flags & F_IMM_8)
		return (u64)take_signed(c, 1);
	return flags & F_PORT_IMM ? take(c) : 1;
}

static int take_operands(struct insn *insn, struct cursor *c, const struct prefixes *p, u8 modrm,
			 u32 flags)
{
	int rc = 0;

	insn->reg_size = insn->memory_size = operand_size(p, flags);
	insn->address_size = p->address_size ? 4 : 8;
	insn->segment = p->segment;
	if (!(flags & (F_MEMORY | F_MODRM_REG | F_CONSTANT | F_STRING)))
		return 0; /* IN and OUT by DX */
	if (flags & F_STRING) {
		insn->rep = p->repeat;
		insn->repne = p->repeat == 0xf2;
	}
	if (flags & F_MEMORY)
		rc = take_memory(insn, c, p, modrm, flags);
	else if (flags & F_MODRM_REG)
		rc = set_registers(insn, p, modrm);
	if (flags & F_CONSTANT)
		insn->immediate = take_constant(insn, c, flags);
	insn->port_is_imm = flags & F_PORT_IMM;
	return rc;
}

static int decode(struct insn *insn, struct cursor *c)
{
	struct prefixes p = { 0 };
	struct insn_opcode opcode = { 0 };
	const struct insn_rule *rule;
	u8 modrm = 0;
	u32 flags;

	if (take_opcode(c, &p, &opcode))
		return -E_INVAL;
	rule = insn_map_find(&opcode);
	flags = rule->flags;
	if (flags & (F_MODRM | F_MODRM_REG | F_GROUP))
		modrm = take(c);
	if (flags & F_GROUP) {
		rule = insn_map_group(rule, modrm);
		flags = (flags & ~(u32)F_GROUP) | rule->flags;
	}
	if (rule->kind == INSN_REFUSED || (p.any && !prefixes_fit(&p, rule->kind, flags)))
		return -E_INVAL;
	insn->kind = rule->kind;
	if (insn->kind == INSN_VMMCALL && p.repeat)
		insn->kind = INSN_VMGEXIT;
	insn->condition = opcode.byte & 0xf;
	return flags ? take_operands(insn, c, &p, modrm, flags) : 0;
}

int insn_decode(struct insn *insn, const u8 *bytes, size_t size)
{
	struct cursor c = { bytes, size < INSN_SIZE_MAX ? size : INSN_SIZE_MAX, 0, false };
	int rc;

	*insn = (struct insn){ .base = INSN_BASE_NONE, .index = INSN_BASE_NONE, .scale = 1 };
	rc = decode(insn, &c);
	if (c.overrun)
		return size < INSN_SIZE_MAX ? -E_FAULT : -E_INVAL;
	insn->length = (u8)c.at;
	return rc;
}

bool insn_reads_memory(const struct insn *insn)
{
	return !insn->memory_first || access_of[insn->kind] & R;
}

bool insn_writes_memory(const struct insn *insn)
{
	return insn->memory_first && access_of[insn->kind] & W;
}

bool insn_writes_register(const struct insn *insn)
{
	return !insn->memory_first && access_of[insn->kind] & W;
}

static u64 base_value(u8 number, const u64 registers[16], u64 next)
{
	switch (number) {
	case INSN_BASE_NONE: return 0;
	case INSN_BASE_RIP: return next;
	case INSN_BASE_AL: return registers[INSN_REG_RAX] & 0xff;
	default: return registers[number];
	}
}

/* APM3 BT: the bit string reaches over 2^15, 2^31 or 2^63 bits to both sides of the address. */
static u64 unit_of_bit(const struct insn *insn, u64 offset)
{
	unsigned int unused = 64 - 8 * insn->reg_size;
	s64 bit = (s64)(offset << unused) >> unused;

	return (u64)(bit >> 3) & ~(u64)(insn->reg_size - 1);
}

static bool is_bit_string(const struct insn *insn)
{
	return insn->kind >= INSN_BT && insn->kind <= INSN_BTC && insn->other == INSN_OPERAND_REG;
}

u64 insn_address(const struct insn *insn, const u64 registers[16], u64 rip, u64 segment_base)
{
	u64 address = (u64)insn->displacement;

	address += base_value(insn->base, registers, rip + insn->length);
	address += base_value(insn->index, registers, 0) * insn->scale;
	if (is_bit_string(insn))
		address += unit_of_bit(insn, registers[insn->reg]);
	if (insn->address_size == 4)
		address = (u32)address;
	return address + segment_base;
}
