/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoder: prefixes, a table of the opcodes it knows, then operands as the table says.
 */
#include "paravirt/insn.h"

#include "lib/compiler.h"
#include "lib/string.h"

/* What follows an opcode, and what its operands are */
#define F_MODRM     0x0001 /* ModRM with a memory operand */
#define F_MODRM_REG 0x0002 /* ModRM whose mod field does not count */
#define F_SLASH_0   0x0004 /* ModRM.reg must be 0 */
#define F_BYTE      0x0008 /* operands of one byte */
#define F_MEM_8     0x0010 /* memory operand of one byte, register by prefixes */
#define F_MEM_16    0x0020
#define F_MEM_32    0x0040
#define F_MAX_32    0x0080 /* never 8 bytes */
#define F_NO_66     0x0100 /* operand-size prefix not accepted */
#define F_STRING    0x0200 /* F2 and F3 repeat */
#define F_IMM       0x0400 /* immediate of the operands' size, 4 bytes at most */
#define F_PORT_IMM  0x0800 /* port in a byte */
#define F_MOFFS     0x1000 /* address in the instruction */
#define F_F3        0x2000 /* F3 accepted and without effect for us */
#define F_SYSTEM    F_NO_66

struct rule {
	u8 opcode;
	u8 kind;
	u16 flags;
};

static const struct rule rules_1[] = {
	{ 0x63, INSN_LOAD_SIGN, F_MODRM | F_MEM_32 | F_NO_66 },
	{ 0x6c, INSN_INS, F_STRING | F_BYTE },
	{ 0x6d, INSN_INS, F_STRING | F_MAX_32 },
	{ 0x6e, INSN_OUTS, F_STRING | F_BYTE },
	{ 0x6f, INSN_OUTS, F_STRING | F_MAX_32 },
	{ 0x88, INSN_STORE, F_MODRM | F_BYTE },
	{ 0x89, INSN_STORE, F_MODRM },
	{ 0x8a, INSN_LOAD, F_MODRM | F_BYTE },
	{ 0x8b, INSN_LOAD, F_MODRM },
	{ 0xa0, INSN_LOAD, F_MOFFS | F_BYTE },
	{ 0xa1, INSN_LOAD, F_MOFFS },
	{ 0xa2, INSN_STORE, F_MOFFS | F_BYTE },
	{ 0xa3, INSN_STORE, F_MOFFS },
	{ 0xa4, INSN_MOVS, F_STRING | F_BYTE },
	{ 0xa5, INSN_MOVS, F_STRING },
	{ 0xaa, INSN_STOS, F_STRING | F_BYTE },
	{ 0xab, INSN_STOS, F_STRING },
	{ 0xc6, INSN_STORE_IMM, F_MODRM | F_SLASH_0 | F_BYTE | F_IMM },
	{ 0xc7, INSN_STORE_IMM, F_MODRM | F_SLASH_0 | F_IMM },
	{ 0xe4, INSN_IN, F_PORT_IMM | F_BYTE },
	{ 0xe5, INSN_IN, F_PORT_IMM | F_MAX_32 },
	{ 0xe6, INSN_OUT, F_PORT_IMM | F_BYTE },
	{ 0xe7, INSN_OUT, F_PORT_IMM | F_MAX_32 },
	{ 0xec, INSN_IN, F_BYTE },
	{ 0xed, INSN_IN, F_MAX_32 },
	{ 0xee, INSN_OUT, F_BYTE },
	{ 0xef, INSN_OUT, F_MAX_32 },
	{ 0xf4, INSN_HLT, F_SYSTEM },
};

/* behind 0f */
static const struct rule rules_2[] = {
	{ 0x08, INSN_INVD, F_SYSTEM },
	{ 0x09, INSN_WBINVD, F_SYSTEM | F_F3 }, /* F3: WBNOINVD */
	{ 0x21, INSN_MOV_FROM_DR, F_SYSTEM | F_MODRM_REG },
	{ 0x23, INSN_MOV_TO_DR, F_SYSTEM | F_MODRM_REG },
	{ 0x30, INSN_WRMSR, F_SYSTEM },
	{ 0x31, INSN_RDTSC, F_SYSTEM },
	{ 0x32, INSN_RDMSR, F_SYSTEM },
	{ 0x33, INSN_RDPMC, F_SYSTEM },
	{ 0xa2, INSN_CPUID, F_SYSTEM },
	{ 0xb6, INSN_LOAD_ZERO, F_MODRM | F_MEM_8 },
	{ 0xb7, INSN_LOAD_ZERO, F_MODRM | F_MEM_16 },
	{ 0xbe, INSN_LOAD_SIGN, F_MODRM | F_MEM_8 },
	{ 0xbf, INSN_LOAD_SIGN, F_MODRM | F_MEM_16 },
	{ 0xc3, INSN_STORE, F_MODRM | F_NO_66 }, /* MOVNTI */
};

/* behind 0f 01 */
static const struct rule rules_0f01[] = {
	{ 0xc1, INSN_VMCALL, F_SYSTEM }, { 0xc8, INSN_MONITOR, F_SYSTEM },
	{ 0xc9, INSN_MWAIT, F_SYSTEM },  { 0xd9, INSN_VMMCALL, F_SYSTEM | F_F3 },
	{ 0xf9, INSN_RDTSCP, F_SYSTEM },
};

struct cursor {
	const u8 *bytes;
	size_t size;
	size_t at;
	bool overrun;
};

struct prefixes {
	bool operand_size; /* 66 */
	bool address_size; /* 67 */
	bool f2;
	bool f3;
	bool refused;
	u8 rex;
	enum insn_segment segment;
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

/* One segment override is enough; those of CS, DS, ES and SS mean nothing in 64-bit mode. */
static void take_segment(struct prefixes *p, enum insn_segment segment)
{
	if (p->segment)
		p->refused = true;
	p->segment = segment;
}

/* Returns the first byte that is no prefix; REX counts only right before it. */
static u8 take_prefixes(struct cursor *c, struct prefixes *p)
{
	while (!c->overrun) {
		u8 byte = take(c);

		if ((byte & 0xf0) == 0x40) {
			p->rex = byte;
			continue;
		}
		switch (byte) {
		case 0x66: p->operand_size = true; break;
		case 0x67: p->address_size = true; break;
		case 0xf2: p->f2 = true; break;
		case 0xf3: p->f3 = true; break;
		case 0x64: take_segment(p, INSN_SEGMENT_FS); break;
		case 0x65: take_segment(p, INSN_SEGMENT_GS); break;
		case 0x26:
		case 0x2e:
		case 0x36:
		case 0x3e:
		case 0xf0: p->refused = true; break;
		default: return byte;
		}
		p->rex = 0;
	}
	return 0;
}

static const struct rule *find(const struct rule *rules, size_t count, u8 opcode)
{
	for (size_t i = 0; i < count; i++) {
		if (rules[i].opcode == opcode)
			return &rules[i];
	}
	return NULL;
}

static const struct rule *take_opcode(struct cursor *c, struct prefixes *p)
{
	u8 byte = take_prefixes(c, p);

	if (byte != 0x0f)
		return find(rules_1, array_count(rules_1), byte);
	byte = take(c);
	if (byte != 0x01)
		return find(rules_2, array_count(rules_2), byte);
	return find(rules_0f01, array_count(rules_0f01), take(c));
}

static bool prefixes_fit(const struct prefixes *p, const struct rule *rule)
{
	if (p->refused || (p->operand_size && rule->flags & F_NO_66) || (p->f2 && p->f3))
		return false;
	if (rule->flags & F_STRING)
		return true;
	return !p->f2 && (!p->f3 || rule->flags & F_F3);
}

static u8 operand_size(const struct prefixes *p, u16 flags)
{
	if (flags & F_BYTE)
		return 1;
	if (p->rex & REX_W) /* counts more than 66 */
		return flags & F_MAX_32 ? 4 : 8;
	return p->operand_size ? 2 : 4;
}

static void set_sizes(struct insn *insn, const struct prefixes *p, u16 flags)
{
	insn->reg_size = operand_size(p, flags);
	insn->memory_size = insn->reg_size;
	if (flags & F_MEM_8)
		insn->memory_size = 1;
	else if (flags & F_MEM_16)
		insn->memory_size = 2;
	else if (flags & F_MEM_32)
		insn->memory_size = 4;
	insn->address_size = p->address_size ? 4 : 8;
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
static void take_memory(struct insn *insn, struct cursor *c, const struct prefixes *p, u8 modrm)
{
	u8 mod = modrm >> 6, rm = modrm & 7;

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
}

static int take_modrm(struct insn *insn, struct cursor *c, const struct prefixes *p, u16 flags)
{
	u8 modrm = take(c), reg = modrm >> 3 & 7;

	if (flags & F_MODRM_REG) {
		insn->reg = (u8)(reg | (p->rex & REX_R ? 8 : 0));
		insn->rm = (u8)((modrm & 7) | (p->rex & REX_B ? 8 : 0));
		return insn->reg > 7 ? -E_INVAL : 0;
	}
	if (modrm >> 6 == 3 || (flags & F_SLASH_0 && reg))
		return -E_INVAL;
	set_reg(insn, p, reg);
	take_memory(insn, c, p, modrm);
	return 0;
}

static int take_operands(struct insn *insn, struct cursor *c, const struct prefixes *p, u16 flags)
{
	int rc = 0;

	if (flags & (F_MODRM | F_MODRM_REG))
		rc = take_modrm(insn, c, p, flags);
	if (flags & F_MOFFS)
		insn->displacement = take_signed(c, insn->address_size);
	if (flags & F_IMM)
		insn->immediate = (u64)take_signed(c, insn->reg_size == 8 ? 4 : insn->reg_size);
	if (flags & F_PORT_IMM)
		insn->immediate = take(c);
	insn->port_is_imm = flags & F_PORT_IMM;
	return rc;
}

static int decode(struct insn *insn, struct cursor *c)
{
	struct prefixes p = { 0 };
	const struct rule *rule = take_opcode(c, &p);

	if (!rule || !prefixes_fit(&p, rule))
		return -E_INVAL;
	insn->kind = rule->kind;
	if (insn->kind == INSN_VMMCALL && p.f3)
		insn->kind = INSN_VMGEXIT;
	insn->rep = rule->flags & F_STRING && (p.f2 || p.f3);
	insn->segment = p.segment;
	insn->base = INSN_BASE_NONE;
	insn->index = INSN_BASE_NONE;
	insn->scale = 1;
	set_sizes(insn, &p, rule->flags);
	return take_operands(insn, c, &p, rule->flags);
}

int insn_decode(struct insn *insn, const u8 *bytes, size_t size)
{
	struct cursor c = { bytes, size < INSN_SIZE_MAX ? size : INSN_SIZE_MAX, 0, false };
	int rc;

	memset(insn, 0, sizeof(*insn));
	rc = decode(insn, &c);
	if (c.overrun)
		return size < INSN_SIZE_MAX ? -E_FAULT : -E_INVAL;
	insn->length = (u8)c.at;
	return rc;
}

u64 insn_address(const struct insn *insn, const u64 registers[16], u64 rip, u64 segment_base)
{
	u64 address = (u64)insn->displacement;

	if (insn->base == INSN_BASE_RIP)
		address += rip + insn->length;
	else if (insn->base != INSN_BASE_NONE)
		address += registers[insn->base];
	if (insn->index != INSN_BASE_NONE)
		address += registers[insn->index] * insn->scale;
	if (insn->address_size == 4)
		address = (u32)address;
	return address + segment_base;
}
