/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One byte string decoded by paravirt/insn.c and by Zydis: what ours accepts must mean the same
 * to both, and what Zydis calls one of our kinds, in a form that insn.h promises, must be accepted.
 */
#pragma once

#include <Zydis/Zydis.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../../paravirt/insn.c"

struct oracle {
	ZydisDecodedInstruction i;
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
};

static bool oracle_decode(struct oracle *o, const u8 *bytes, size_t size)
{
	static ZydisDecoder decoder;
	static bool ready;

	if (!ready) {
		ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
		ready = true;
	}
	return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, size, &o->i, o->ops));
}

/* The first explicit memory operand, or NULL. */
static const ZydisDecodedOperand *oracle_memory(const struct oracle *o)
{
	for (unsigned int n = 0; n < o->i.operand_count_visible; n++) {
		if (o->ops[n].type == ZYDIS_OPERAND_TYPE_MEMORY &&
		    o->ops[n].mem.type == ZYDIS_MEMOP_TYPE_MEM)
			return &o->ops[n];
	}
	return NULL;
}

/* Our kind of what Zydis decoded, or -1. */
static int oracle_kind(const struct oracle *o)
{
	const ZydisDecodedOperand *op = o->ops;
	bool to_memory = op[0].type == ZYDIS_OPERAND_TYPE_MEMORY;

	switch (o->i.mnemonic) {
	case ZYDIS_MNEMONIC_CPUID: return INSN_CPUID;
	case ZYDIS_MNEMONIC_RDMSR: return INSN_RDMSR;
	case ZYDIS_MNEMONIC_WRMSR: return INSN_WRMSR;
	case ZYDIS_MNEMONIC_RDTSC: return INSN_RDTSC;
	case ZYDIS_MNEMONIC_RDTSCP: return INSN_RDTSCP;
	case ZYDIS_MNEMONIC_RDPMC: return INSN_RDPMC;
	case ZYDIS_MNEMONIC_WBINVD: return INSN_WBINVD;
	case ZYDIS_MNEMONIC_INVD: return INSN_INVD;
	case ZYDIS_MNEMONIC_MONITOR: return INSN_MONITOR;
	case ZYDIS_MNEMONIC_MWAIT: return INSN_MWAIT;
	case ZYDIS_MNEMONIC_HLT: return INSN_HLT;
	case ZYDIS_MNEMONIC_VMMCALL: return INSN_VMMCALL;
	case ZYDIS_MNEMONIC_VMCALL: return INSN_VMCALL;
	case ZYDIS_MNEMONIC_IN: return INSN_IN;
	case ZYDIS_MNEMONIC_OUT: return INSN_OUT;
	case ZYDIS_MNEMONIC_INSB:
	case ZYDIS_MNEMONIC_INSW:
	case ZYDIS_MNEMONIC_INSD: return INSN_INS;
	case ZYDIS_MNEMONIC_OUTSB:
	case ZYDIS_MNEMONIC_OUTSW:
	case ZYDIS_MNEMONIC_OUTSD: return INSN_OUTS;
	case ZYDIS_MNEMONIC_MOVZX: return oracle_memory(o) ? INSN_LOAD_ZERO : -1;
	case ZYDIS_MNEMONIC_MOVSX:
	case ZYDIS_MNEMONIC_MOVSXD: return oracle_memory(o) ? INSN_LOAD_SIGN : -1;
	case ZYDIS_MNEMONIC_MOVNTI: return INSN_STORE;
	case ZYDIS_MNEMONIC_MOVSB:
	case ZYDIS_MNEMONIC_MOVSW:
	case ZYDIS_MNEMONIC_MOVSQ: return INSN_MOVS;
	case ZYDIS_MNEMONIC_MOVSD:
		return o->i.meta.category == ZYDIS_CATEGORY_STRINGOP ? INSN_MOVS : -1;
	case ZYDIS_MNEMONIC_STOSB:
	case ZYDIS_MNEMONIC_STOSW:
	case ZYDIS_MNEMONIC_STOSD:
	case ZYDIS_MNEMONIC_STOSQ: return INSN_STOS;
	case ZYDIS_MNEMONIC_MOV: break;
	default: return -1;
	}
	if (o->i.opcode_map == ZYDIS_OPCODE_MAP_0F && o->i.opcode == 0x21)
		return INSN_MOV_FROM_DR;
	if (o->i.opcode_map == ZYDIS_OPCODE_MAP_0F && o->i.opcode == 0x23)
		return INSN_MOV_TO_DR;
	if (!oracle_memory(o) || o->i.opcode_map != ZYDIS_OPCODE_MAP_DEFAULT ||
	    o->i.opcode == 0x8c || o->i.opcode == 0x8e) /* segment registers */
		return -1;
	if (op[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
		return INSN_STORE_IMM;
	return to_memory ? INSN_STORE : INSN_LOAD;
}

static bool is_string(int kind)
{
	return kind == INSN_INS || kind == INSN_OUTS || kind == INSN_MOVS || kind == INSN_STOS;
}

static bool is_memory(int kind) { return kind >= INSN_LOAD && kind <= INSN_STORE_IMM; }

/* Whether insn.h promises to decode it: no prefix that is doubled, refused or without meaning. */
static bool promised(const struct oracle *o, int kind)
{
	unsigned int segments = 0, repeats = 0;
	bool size_66 = false, f2 = false;

	for (unsigned int n = 0; n < o->i.raw.prefix_count; n++) {
		switch (o->i.raw.prefixes[n].value) {
		case 0x66: size_66 = true; break;
		case 0x67: break;
		case 0x64:
		case 0x65: segments++; break;
		case 0xf2: f2 = true; __attribute__((fallthrough));
		case 0xf3: repeats++; break;
		default:
			if ((o->i.raw.prefixes[n].value & 0xf0) != 0x40)
				return false;
		}
	}
	if (segments > 1 || (repeats && !is_string(kind)) || (f2 && repeats > 1))
		return false;
	if (size_66 && (kind <= INSN_MOV_TO_DR || o->i.mnemonic == ZYDIS_MNEMONIC_MOVNTI ||
			o->i.mnemonic == ZYDIS_MNEMONIC_MOVSXD))
		return false;
	return true;
}

#define EXPECT(cond)                                                                               \
	do {                                                                                       \
		if (!(cond))                                                                       \
			return #cond;                                                              \
	} while (0)

static u8 gpr(ZydisRegister reg, u8 none)
{
	if (reg == ZYDIS_REGISTER_NONE)
		return none;
	if (reg == ZYDIS_REGISTER_RIP || reg == ZYDIS_REGISTER_EIP)
		return INSN_BASE_RIP;
	return (u8)ZydisRegisterGetId(reg);
}

/*
 * Zydis 4.0 finds a base register where SIB has none, with REX.B and 32-bit addresses. binutils
 * and LLVM agree with APM3 1.4.2; insn-oracle.c checks one such instruction by hand.
 */
static bool oracle_is_wrong(const struct oracle *o)
{
	return o->i.address_width == 32 && o->i.raw.rex.B && o->i.raw.modrm.mod == 0 &&
	       o->i.raw.modrm.rm == 4 && o->i.raw.sib.base == 5;
}

static const char *compare_memory(const struct insn *insn, const struct oracle *o)
{
	const ZydisDecodedOperand *m = oracle_memory(o);
	ZydisRegister segment = m->mem.segment;

	EXPECT(m->size == 8 * insn->memory_size);
	if (oracle_is_wrong(o))
		return NULL;
	EXPECT(gpr(m->mem.base, INSN_BASE_NONE) == insn->base);
	EXPECT(gpr(m->mem.index, INSN_BASE_NONE) == insn->index);
	EXPECT(insn->index == INSN_BASE_NONE || m->mem.scale == insn->scale);
	/* A direct address is unsigned to Zydis in its 32-bit form. */
	EXPECT(m->mem.disp.value == insn->displacement ||
	       (insn->address_size == 4 && (u32)m->mem.disp.value == (u32)insn->displacement));
	EXPECT((segment == ZYDIS_REGISTER_FS) == (insn->segment == INSN_SEGMENT_FS));
	EXPECT((segment == ZYDIS_REGISTER_GS) == (insn->segment == INSN_SEGMENT_GS));
	return NULL;
}

static const char *compare_reg(const struct insn *insn, const ZydisDecodedOperand *op)
{
	static const ZydisRegister high[] = { ZYDIS_REGISTER_AH, ZYDIS_REGISTER_CH,
					      ZYDIS_REGISTER_DH, ZYDIS_REGISTER_BH };

	EXPECT(op->type == ZYDIS_OPERAND_TYPE_REGISTER);
	EXPECT(op->size == 8 * insn->reg_size);
	if (insn->reg_high) {
		EXPECT(insn->reg < 4 && op->reg.value == high[insn->reg]);
		return NULL;
	}
	for (unsigned int n = 0; n < 4; n++)
		EXPECT(op->reg.value != high[n]);
	/* Zydis numbers the byte registers AL..BL, AH..BH, SPL..DIL, R8B.. */
	if (insn->reg_size == 1) {
		int id = op->reg.value - ZYDIS_REGISTER_AL;

		EXPECT((id < 4 ? id : id - 4) == insn->reg);
	} else {
		EXPECT(ZydisRegisterGetId(op->reg.value) == insn->reg);
	}
	return NULL;
}

static const char *compare_port(const struct insn *insn, const struct oracle *o)
{
	const ZydisDecodedOperand *data = &o->ops[insn->kind == INSN_OUT];
	const ZydisDecodedOperand *port = &o->ops[insn->kind == INSN_IN];

	EXPECT(data->size == 8 * insn->reg_size);
	EXPECT((port->type == ZYDIS_OPERAND_TYPE_IMMEDIATE) == insn->port_is_imm);
	EXPECT(!insn->port_is_imm || (u8)port->imm.value.u == insn->immediate);
	return NULL;
}

static const char *compare_string(const struct insn *insn, const struct oracle *o)
{
	const u64 rep = ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE;
	unsigned int size = 0;

	for (unsigned int n = 0; n < o->i.operand_count; n++) {
		if (o->ops[n].type == ZYDIS_OPERAND_TYPE_MEMORY)
			size = o->ops[n].size;
	}
	EXPECT(size == 8 * insn->memory_size);
	/* F2 repeats these too (APM3 1.2.6), which Zydis does not say. */
	EXPECT(!(o->i.attributes & rep) || insn->rep);
	return NULL;
}

static const char *compare(const struct insn *insn, const struct oracle *o, int kind)
{
	EXPECT(o->i.length == insn->length);
	EXPECT(insn->kind == (enum insn_kind)kind);
	if (insn->kind > INSN_MOV_TO_DR)
		EXPECT(o->i.address_width == 8 * insn->address_size);
	if (is_string(kind))
		return compare_string(insn, o);
	if (kind == INSN_IN || kind == INSN_OUT)
		return compare_port(insn, o);
	if (kind == INSN_MOV_FROM_DR || kind == INSN_MOV_TO_DR) {
		EXPECT(ZydisRegisterGetId(o->ops[kind == INSN_MOV_TO_DR].reg.value) == insn->rm);
		EXPECT(ZydisRegisterGetId(o->ops[kind != INSN_MOV_TO_DR].reg.value) == insn->reg);
		return NULL;
	}
	if (!is_memory(kind))
		return NULL;
	if (kind == INSN_STORE_IMM) {
		EXPECT((o->ops[1].imm.value.u & bits_mask(8 * insn->memory_size)) ==
		       (insn->immediate & bits_mask(8 * insn->memory_size)));
	} else {
		const char *wrong = compare_reg(insn, &o->ops[kind == INSN_STORE]);

		if (wrong)
			return wrong;
	}
	return compare_memory(insn, o);
}

/* NULL, or what the two disagree about. *accepted: ours took it. */
static const char *oracle_check(const u8 *bytes, size_t size, bool *accepted)
{
	struct insn insn;
	struct oracle o;
	int rc = insn_decode(&insn, bytes, size), kind;

	*accepted = rc == 0;
	if (rc == 0 && insn.kind == INSN_VMGEXIT)
		return NULL; /* VMMCALL with F3, which Zydis has no name for */
	if (!oracle_decode(&o, bytes, size))
		return rc == 0 ? "Zydis refuses it" : NULL;
	kind = oracle_kind(&o);
	if (rc == 0)
		return kind < 0 ? "Zydis means something else" : compare(&insn, &o, kind);
	return kind >= 0 && promised(&o, kind) ? "ours refuses it" : NULL;
}

static void oracle_report(const u8 *bytes, size_t size, const char *wrong)
{
	printf("%s:", wrong);
	for (size_t i = 0; i < size && i < INSN_SIZE_MAX; i++)
		printf(" %02x", bytes[i]);
	printf("\n");
	fflush(stdout);
}
