/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One byte string decoded by paravirt/emulate/insn.c and by Zydis: what ours accepts must mean the
 * same to both, and what Zydis calls one of our kinds, in a form that insn.h promises, must be
 * accepted.
 */
#pragma once

#include <Zydis/Zydis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../paravirt/emulate/insn.c"
#include "../../../paravirt/emulate/insn_map.c"
#undef R
#undef W
#undef L

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

/* Names that are Zydis's too, where the instruction has no memory operand */
static const struct oracle_name {
	ZydisMnemonic theirs;
	enum insn_kind ours;
} oracle_system[] = {
/* clang-format off */
#define SAME(name)          { ZYDIS_MNEMONIC_##name, INSN_##name }
#define OTHER(theirs, ours) { ZYDIS_MNEMONIC_##theirs, INSN_##ours }
	/* clang-format on */
	SAME(CPUID),        SAME(RDMSR),
	SAME(WRMSR),        SAME(RDTSC),
	SAME(RDTSCP),       SAME(RDPMC),
	SAME(WBINVD),       SAME(INVD),
	SAME(MONITOR),      OTHER(MONITORX, MONITOR),
	SAME(MWAIT),        OTHER(MWAITX, MWAIT),
	SAME(HLT),          SAME(VMMCALL),
	SAME(VMCALL),       SAME(IN),
	SAME(OUT),          OTHER(INSB, INS),
	OTHER(INSW, INS),   OTHER(INSD, INS),
	OTHER(OUTSB, OUTS), OTHER(OUTSW, OUTS),
	OTHER(OUTSD, OUTS), OTHER(MOVSB, MOVS),
	OTHER(MOVSW, MOVS), OTHER(MOVSQ, MOVS),
	OTHER(CMPSB, CMPS), OTHER(CMPSW, CMPS),
	OTHER(CMPSQ, CMPS), OTHER(STOSB, STOS),
	OTHER(STOSW, STOS), OTHER(STOSD, STOS),
	OTHER(STOSQ, STOS), OTHER(LODSB, LODS),
	OTHER(LODSW, LODS), OTHER(LODSD, LODS),
	OTHER(LODSQ, LODS), OTHER(SCASB, SCAS),
	OTHER(SCASW, SCAS), OTHER(SCASD, SCAS),
	OTHER(SCASQ, SCAS), OTHER(XLAT, MOV),
};

/* and where it has one */
static const struct oracle_name oracle_memory_names[] = {
	OTHER(MOVZX, MOV),
	OTHER(MOVNTI, MOV),
	OTHER(MOVDIRI, MOV),
	SAME(MOVSX),
	OTHER(MOVSXD, MOVSX),
	SAME(MOVBE),
	SAME(ADD),
	SAME(OR),
	SAME(ADC),
	SAME(SBB),
	SAME(AND),
	SAME(SUB),
	SAME(XOR),
	SAME(CMP),
	SAME(TEST),
	SAME(INC),
	SAME(DEC),
	SAME(NOT),
	SAME(NEG),
	SAME(ROL),
	SAME(ROR),
	SAME(RCL),
	SAME(RCR),
	SAME(SHL),
	SAME(SHR),
	SAME(SAR),
	SAME(SHLD),
	SAME(SHRD),
	SAME(BT),
	SAME(BTS),
	SAME(BTR),
	SAME(BTC),
	SAME(IMUL),
	SAME(BSF),
	SAME(BSR),
	SAME(TZCNT),
	SAME(LZCNT),
	SAME(POPCNT),
	SAME(CRC32),
	SAME(ADCX),
	SAME(ADOX),
	SAME(ANDN),
	SAME(BEXTR),
	SAME(BLSR),
	SAME(BLSMSK),
	SAME(BLSI),
	SAME(BZHI),
	SAME(PDEP),
	SAME(PEXT),
	SAME(RORX),
	SAME(SARX),
	SAME(SHLX),
	SAME(SHRX),
	SAME(MULX),
	SAME(MUL),
	SAME(DIV),
	SAME(IDIV),
	SAME(XCHG),
	SAME(XADD),
	SAME(CMPXCHG),
	SAME(CMPXCHG8B),
	SAME(PUSH),
	SAME(POP),
	SAME(CLFLUSH),
	OTHER(CLFLUSHOPT, CLFLUSH),
	OTHER(CLWB, CLFLUSH),
	OTHER(MOVLPS, VECTOR_LOAD_LOW),
	OTHER(MOVLPD, VECTOR_LOAD_LOW),
	OTHER(MOVHPS, VECTOR_LOAD_HIGH),
	OTHER(MOVHPD, VECTOR_LOAD_HIGH),
	OTHER(MOVUPS, VECTOR_LOAD),
	OTHER(MOVUPD, VECTOR_LOAD),
	OTHER(MOVAPS, VECTOR_LOAD),
	OTHER(MOVAPD, VECTOR_LOAD),
	OTHER(MOVDQA, VECTOR_LOAD),
	OTHER(MOVDQU, VECTOR_LOAD),
	OTHER(LDDQU, VECTOR_LOAD),
	OTHER(MOVSS, VECTOR_LOAD),
	OTHER(MOVSD, VECTOR_LOAD),
	OTHER(MOVD, VECTOR_LOAD),
	OTHER(MOVQ, VECTOR_LOAD),
	OTHER(MOVNTPS, VECTOR_LOAD),
	OTHER(MOVNTPD, VECTOR_LOAD),
	OTHER(MOVNTDQ, VECTOR_LOAD),
	OTHER(MOVNTDQA, VECTOR_LOAD),
	OTHER(MOVNTSS, VECTOR_LOAD),
	OTHER(MOVNTSD, VECTOR_LOAD),
	OTHER(VMOVLPS, VECTOR_LOAD_LOW),
	OTHER(VMOVLPD, VECTOR_LOAD_LOW),
	OTHER(VMOVHPS, VECTOR_LOAD_HIGH),
	OTHER(VMOVHPD, VECTOR_LOAD_HIGH),
	OTHER(VMOVUPS, VECTOR_LOAD),
	OTHER(VMOVUPD, VECTOR_LOAD),
	OTHER(VMOVAPS, VECTOR_LOAD),
	OTHER(VMOVAPD, VECTOR_LOAD),
	OTHER(VMOVDQA, VECTOR_LOAD),
	OTHER(VMOVDQU, VECTOR_LOAD),
	OTHER(VLDDQU, VECTOR_LOAD),
	OTHER(VMOVSS, VECTOR_LOAD),
	OTHER(VMOVSD, VECTOR_LOAD),
	OTHER(VMOVD, VECTOR_LOAD),
	OTHER(VMOVQ, VECTOR_LOAD),
	OTHER(VMOVNTPS, VECTOR_LOAD),
	OTHER(VMOVNTPD, VECTOR_LOAD),
	OTHER(VMOVNTDQ, VECTOR_LOAD),
	OTHER(VMOVNTDQA, VECTOR_LOAD),
#undef SAME
#undef OTHER
};

/* APM3 table A-11: conditions by the low bits of the opcode */
#define ORACLE_CONDITIONS(op)                                                                      \
	op(O), op(NO), op(B), op(NB), op(Z), op(NZ), op(BE), op(NBE), op(S), op(NS), op(P),        \
		op(NP), op(L), op(NL), op(LE), op(NLE)
#define CMOV(cc) ZYDIS_MNEMONIC_CMOV##cc
#define SET(cc)  ZYDIS_MNEMONIC_SET##cc
static const ZydisMnemonic oracle_cmov[16] = { ORACLE_CONDITIONS(CMOV) };
static const ZydisMnemonic oracle_set[16] = { ORACLE_CONDITIONS(SET) };
#undef CMOV
#undef SET

static int oracle_find(const struct oracle_name *names, size_t count, ZydisMnemonic mnemonic)
{
	for (size_t i = 0; i < count; i++) {
		if (names[i].theirs == mnemonic)
			return (int)names[i].ours;
	}
	return -1;
}

static int oracle_vector_kind(const struct oracle *o, int kind)
{
	bool store = o->ops[0].type == ZYDIS_OPERAND_TYPE_MEMORY;

	if (o->i.encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX ||
	    o->i.encoding == ZYDIS_INSTRUCTION_ENCODING_MVEX)
		return -1;
	for (unsigned int n = 0; n < 2; n++) { /* MMX's */
		if (o->ops[n].type == ZYDIS_OPERAND_TYPE_REGISTER &&
		    ZydisRegisterGetClass(o->ops[n].reg.value) == ZYDIS_REGCLASS_MMX)
			return -1;
	}
	if (!store)
		return kind;
	return kind == INSN_VECTOR_LOAD_HIGH ? INSN_VECTOR_STORE_HIGH : INSN_VECTOR_STORE;
}

static int oracle_mov_kind(const struct oracle *o)
{
	if (o->i.opcode_map == ZYDIS_OPCODE_MAP_0F && o->i.opcode == 0x21)
		return INSN_MOV_FROM_DR;
	if (o->i.opcode_map == ZYDIS_OPCODE_MAP_0F && o->i.opcode == 0x23)
		return INSN_MOV_TO_DR;
	if (!oracle_memory(o) || o->i.opcode == 0x8c || o->i.opcode == 0x8e)
		return -1; /* registers, and segment registers */
	return INSN_MOV;
}

/* Our kind of what Zydis decoded, or -1. */
static int oracle_kind(const struct oracle *o)
{
	int kind = oracle_find(oracle_system, array_count(oracle_system), o->i.mnemonic);

	if (kind >= 0)
		return kind;
	if (o->i.mnemonic == ZYDIS_MNEMONIC_MOV)
		return oracle_mov_kind(o);
	if (o->i.meta.category == ZYDIS_CATEGORY_STRINGOP)
		return o->i.mnemonic == ZYDIS_MNEMONIC_MOVSD ? INSN_MOVS : INSN_CMPS;
	if (!oracle_memory(o))
		return -1;
	if (o->i.meta.category == ZYDIS_CATEGORY_CMOV)
		return INSN_CMOV;
	if (o->i.meta.category == ZYDIS_CATEGORY_SETCC)
		return INSN_SET;
	kind = oracle_find(oracle_memory_names, array_count(oracle_memory_names), o->i.mnemonic);
	if (kind == INSN_IMUL && o->i.operand_count_visible == 1)
		return INSN_IMUL_WIDE;
	return kind >= INSN_VECTOR_LOAD ? oracle_vector_kind(o, kind) : kind;
}

static bool is_string(int kind)
{
	return kind == INSN_INS || kind == INSN_OUTS || (kind >= INSN_MOVS && kind <= INSN_SCAS);
}

/* MOVSXD to 16 bits: how many bytes it reads depends on who made the processor. */
static bool is_ambiguous(const struct oracle *o)
{
	return o->i.mnemonic == ZYDIS_MNEMONIC_MOVSXD && o->i.operand_width == 16;
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

	if (insn->kind != INSN_CLFLUSH) {
		EXPECT(m->size == 8 * insn->memory_size);
		EXPECT(!(m->actions & ZYDIS_OPERAND_ACTION_MASK_READ) == !insn_reads_memory(insn));
		EXPECT(!(m->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) ==
		       !insn_writes_memory(insn));
		EXPECT((m == o->ops) == insn->memory_first);
	}
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

/* Zydis numbers the byte registers AL..BL, AH..BH, SPL..DIL, R8B.. */
static bool is_byte_register(ZydisRegister reg, unsigned int number, bool high)
{
	unsigned int id = (unsigned int)reg - ZYDIS_REGISTER_AL;
	bool is_high = id >= 4 && id < 8;

	return is_high == high && (id < 4 ? id : id - 4) == number;
}

static const char *compare_reg(const struct insn *insn, const ZydisDecodedOperand *op)
{
	EXPECT(op->type == ZYDIS_OPERAND_TYPE_REGISTER);
	if (insn->kind >= INSN_VECTOR_LOAD) {
		EXPECT(ZydisRegisterGetId(op->reg.value) == insn->reg);
		return NULL;
	}
	EXPECT(op->size == 8 * insn->reg_size);
	if (insn->reg_size == 1)
		EXPECT(is_byte_register(op->reg.value, insn->reg, insn->reg_high));
	else
		EXPECT(ZydisRegisterGetId(op->reg.value) == insn->reg && !insn->reg_high);
	return NULL;
}

static const char *compare_other(const struct insn *insn, u8 kind, const ZydisDecodedOperand *op)
{
	switch (kind) {
	case INSN_OPERAND_REG: return compare_reg(insn, op);
	case INSN_OPERAND_VVVV:
		EXPECT(ZydisRegisterGetId(op->reg.value) == insn->vvvv);
		return NULL;
	case INSN_OPERAND_CL: EXPECT(op->reg.value == ZYDIS_REGISTER_CL); return NULL;
	case INSN_OPERAND_IMM:
		EXPECT(op->type == ZYDIS_OPERAND_TYPE_IMMEDIATE);
		EXPECT(!((op->imm.value.u ^ insn->immediate) &
			 bits_mask(op->imm.is_signed ? 8 * insn->reg_size : 8)));
		return NULL;
	default: return "an operand that ours does not have";
	}
}

/* All visible operands but memory, in order: a register as destination, the other, the third. */
static const char *compare_others(const struct insn *insn, const struct oracle *o)
{
	u8 expected[4] = { 0 };
	unsigned int count = 0, at = 0;

	if (!insn->memory_first)
		expected[count++] = INSN_OPERAND_REG;
	if (insn->other && !(insn->other == INSN_OPERAND_REG && !insn->memory_first))
		expected[count++] = insn->other;
	if (insn->kind >= INSN_VECTOR_STORE)
		expected[count++] = INSN_OPERAND_REG;
	if (insn->third)
		expected[count++] = insn->third;
	if (insn->kind >= INSN_VECTOR_LOAD_LOW && insn->kind <= INSN_VECTOR_LOAD_HIGH &&
	    o->i.operand_count_visible == 2)
		count = 1; /* without VEX the register itself is the third */
	for (unsigned int n = 0; n < o->i.operand_count_visible; n++) {
		const char *wrong;

		if (&o->ops[n] == oracle_memory(o))
			continue;
		wrong = compare_other(insn, expected[at++], &o->ops[n]);
		if (wrong)
			return wrong;
	}
	EXPECT(at == count);
	return NULL;
}

static const char *compare_condition(const struct insn *insn, const struct oracle *o)
{
	if (insn->kind == INSN_CMOV)
		EXPECT(o->i.mnemonic == oracle_cmov[insn->condition]);
	if (insn->kind == INSN_SET)
		EXPECT(o->i.mnemonic == oracle_set[insn->condition]);
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
	const char *wrong;

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
	if (!oracle_memory(o)) /* XLAT */
		return NULL;
	wrong = compare_memory(insn, o);
	if (!wrong)
		wrong = compare_others(insn, o);
	return wrong ? wrong : compare_condition(insn, o);
}

/*
 * Instructions without vectors that have a memory operand and are refused all the same, as
 * docs/limits.md says; whatever else Zydis knows without vectors must be ours.
 */
static bool oracle_is_refused(const struct oracle *o)
{
	static const char *const names[] = {
		"call",       "jmp",       "mov", /* of a segment register */
		"cmpxchg16b", "movdir64b", "enqcmd",   "enqcmds", "nop",       "ud0",
		"ud1",        "cldemote",  "lss",      "lfs",     "lgs",       "lgdt",
		"lidt",       "lldt",      "ltr",      "sgdt",    "sidt",      "sldt",
		"str",        "lar",       "lsl",      "smsw",    "lmsw",      "invlpg",
		"invpcid",    "invept",    "invvpid",  "wrssd",   "wrssq",     "wrussd",
		"wrussq",     "clrssbsy",  "rstorssp", "ptwrite", "ldtilecfg", "sttilecfg",
		"ldmxcsr",    "stmxcsr",   "aadd",     "aand",    "aor",       "axor",
	};
	static const char *const beginnings[] = {
		"f", "cvt", "clevict", "prefetch", "xsave", "xrstor", "v", /* x87, VMX, VERR, ... */
	};
	const char *name = ZydisMnemonicGetString(o->i.mnemonic);

	for (size_t i = 0; i < array_count(names); i++) {
		if (!strcmp(name, names[i]))
			return true;
	}
	if (strlen(name) > 4 && !strcmp(name + strlen(name) - 4, "xadd"))
		return true; /* CMPccXADD */
	for (size_t i = 0; i < array_count(beginnings); i++) {
		if (!strncmp(name, beginnings[i], strlen(beginnings[i])))
			return true;
	}
	return is_ambiguous(o);
}

static bool oracle_has_vectors(const struct oracle *o)
{
	for (unsigned int n = 0; n < o->i.operand_count; n++) {
		ZydisRegisterClass class = o->ops[n].type == ZYDIS_OPERAND_TYPE_REGISTER
						   ? ZydisRegisterGetClass(o->ops[n].reg.value)
						   : ZYDIS_REGCLASS_INVALID;

		if (class == ZYDIS_REGCLASS_XMM || class == ZYDIS_REGCLASS_YMM ||
		    class == ZYDIS_REGCLASS_MMX || class == ZYDIS_REGCLASS_X87 ||
		    class == ZYDIS_REGCLASS_BOUND || class == ZYDIS_REGCLASS_TMM ||
		    class == ZYDIS_REGCLASS_MASK)
			return true;
	}
	return o->i.encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY &&
	       o->i.encoding != ZYDIS_INSTRUCTION_ENCODING_VEX;
}

/* One that a program may use for a device's register, and that is done nowhere. */
static bool oracle_is_left_out(const struct oracle *o)
{
	return oracle_memory(o) && !oracle_has_vectors(o) && !oracle_is_refused(o);
}

/* What Zydis decoded last; length 0: nothing. */
static struct oracle oracle_last;

/* NULL, or what the two disagree about. *accepted: ours took it. */
static const char *oracle_check(const u8 *bytes, size_t size, bool *accepted)
{
	struct insn insn;
	int rc = insn_decode(&insn, bytes, size), kind;

	*accepted = rc == 0;
	oracle_last.i.length = 0;
	if (rc == 0 && insn.kind == INSN_VMGEXIT)
		return NULL; /* VMMCALL with F2 or F3, which Zydis has no name for */
	if (!oracle_decode(&oracle_last, bytes, size)) {
		oracle_last.i.length = 0;
		return rc == 0 ? "Zydis refuses it" : NULL;
	}
	kind = oracle_kind(&oracle_last);
	if (rc == 0)
		return kind < 0 ? "Zydis means something else" : compare(&insn, &oracle_last, kind);
	return (kind >= 0 && !is_ambiguous(&oracle_last)) || oracle_is_left_out(&oracle_last)
		       ? "ours refuses it"
		       : NULL;
}

static void oracle_report(const u8 *bytes, size_t size, const char *wrong)
{
	printf("%s:", wrong);
	for (size_t i = 0; i < size && i < INSN_SIZE_MAX; i++)
		printf(" %02x", bytes[i]);
	printf("\n");
	fflush(stdout);
}
