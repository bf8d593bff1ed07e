/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the monitor takes for an intercepted instruction, Zydis does too, with the same length,
 * operand size and registers, in all three modes; and what Zydis finds the monitor finds. All
 * opcodes of three maps with all ModRM bytes, under prefixes alone and in pairs.
 * RUN: %unit-cc -O1 %s -o %t -lZydis
 */
#include <Zydis/Zydis.h>
#include <assert.h>
#include <stdio.h>

#include "../../monitor/svm/insn.c"
#include "../../monitor/svm/insn_group_7.c"

static const struct {
	ZydisMnemonic mnemonic;
	enum insn_kind kind;
} kinds[] = {
/* clang-format off */
#define KIND(name) { ZYDIS_MNEMONIC_##name, INSN_##name }
	/* clang-format on */
	KIND(PVALIDATE),
	KIND(RMPADJUST),
	KIND(RMPUPDATE),
	KIND(PSMASH),
	KIND(VMMCALL),
	KIND(VMCALL),
	KIND(TDCALL),
	KIND(SEAMCALL),
	KIND(CPUID),
	KIND(RDMSR),
	KIND(WRMSR),
	KIND(HLT),
	KIND(PAUSE),
	KIND(RDTSC),
	KIND(RDTSCP),
	KIND(RDPMC),
	KIND(INVD),
	KIND(WBINVD),
	KIND(MONITOR),
	KIND(MWAIT),
	KIND(XSETBV),
	KIND(XGETBV),
	KIND(CLTS),
	KIND(LMSW),
	KIND(INVLPG),
	KIND(INVLPGA),
	KIND(INVLPGB),
	KIND(TLBSYNC),
	KIND(VMRUN),
	KIND(VMLOAD),
	KIND(VMSAVE),
	KIND(STGI),
	KIND(CLGI),
	KIND(SKINIT),
	KIND(IN),
	KIND(OUT),
	KIND(INT3),
	KIND(UD2),
#undef KIND
	{ ZYDIS_MNEMONIC_INSB, INSN_INS },
	{ ZYDIS_MNEMONIC_INSW, INSN_INS },
	{ ZYDIS_MNEMONIC_INSD, INSN_INS },
	{ ZYDIS_MNEMONIC_OUTSB, INSN_OUTS },
	{ ZYDIS_MNEMONIC_OUTSW, INSN_OUTS },
	{ ZYDIS_MNEMONIC_OUTSD, INSN_OUTS },
};

static const u8 prefixes[] = { 0x66, 0x67, 0xf2, 0xf3, 0xf0, 0x2e, 0x64, 0x41, 0x44, 0x48 };

#define NO_PREFIX array_count(prefixes)

static ZydisDecoder decoders[3];
static unsigned long found, failures;

struct oracle {
	ZydisDecodedInstruction i;
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
};

static enum insn_kind special_kind(const struct oracle *o)
{
	if (o->ops[0].type != ZYDIS_OPERAND_TYPE_REGISTER || o->i.opcode_map != ZYDIS_OPCODE_MAP_0F)
		return INSN_UNKNOWN;
	switch (o->i.opcode) {
	case 0x20: return INSN_MOV_FROM_CR;
	case 0x21: return INSN_MOV_FROM_DR;
	case 0x22: return INSN_MOV_TO_CR;
	case 0x23: return INSN_MOV_TO_DR;
	default: return INSN_UNKNOWN;
	}
}

static bool is_store(const struct oracle *o)
{
	return o->i.opcode_map == ZYDIS_OPCODE_MAP_DEFAULT &&
	       ((o->i.opcode & 0xfe) == 0x88 || (o->i.opcode & 0xfe) == 0xa2 ||
		(o->i.opcode & 0xfe) == 0xc6) &&
	       o->ops[0].type == ZYDIS_OPERAND_TYPE_MEMORY &&
	       (o->ops[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE ||
		ZydisRegisterGetClass(o->ops[1].reg.value) != ZYDIS_REGCLASS_SEGMENT);
}

static enum insn_kind oracle_kind(const struct oracle *o)
{
	if (o->i.mnemonic == ZYDIS_MNEMONIC_MOV)
		return is_store(o) ? INSN_STORE : special_kind(o);
	for (unsigned int k = 0; k < array_count(kinds); k++)
		if (kinds[k].mnemonic == o->i.mnemonic)
			return kinds[k].kind;
	return INSN_UNKNOWN;
}

static bool last_repeat_is_any(const struct oracle *o)
{
	for (unsigned int p = 0; p < o->i.raw.prefix_count; p++)
		if (o->i.raw.prefixes[p].value == 0xf2 || o->i.raw.prefixes[p].value == 0xf3)
			return true;
	return false;
}

/*
 * Zydis 4.0 knows neither VMGEXIT, nor RMPQUERY, nor that a REP before 0F 01 can change a name, and
 * takes F3 90 with REX.B for PAUSE, which QEMU and we take for an exchange with R8.
 */
static bool is_known_to_both(const struct oracle *o, const struct insn *ours)
{
	if (ours->kind == INSN_VMGEXIT || ours->kind == INSN_RMPQUERY)
		return false;
	if (o->i.mnemonic == ZYDIS_MNEMONIC_PAUSE && o->i.raw.rex.B)
		return false;
	return !(ours->kind == INSN_UNKNOWN && o->i.opcode == 0x01 && last_repeat_is_any(o));
}

/* Of byte registers Zydis counts AH to BH, then SPL to DIL, then R8B on. */
static unsigned int register_number(const ZydisDecodedOperand *op)
{
	unsigned int id = (unsigned int)ZydisRegisterGetId(op->reg.value);

	return ZydisRegisterGetClass(op->reg.value) == ZYDIS_REGCLASS_GPR8 && id >= 8 ? id - 4 : id;
}

static bool details_agree(const struct oracle *o, const struct insn *ours)
{
	switch (ours->kind) {
	case INSN_MOV_FROM_CR:
	case INSN_MOV_FROM_DR:
		return ours->gpr == register_number(&o->ops[0]) &&
		       ours->special == register_number(&o->ops[1]);
	case INSN_MOV_TO_CR:
	case INSN_MOV_TO_DR:
		return ours->special == register_number(&o->ops[0]) &&
		       ours->gpr == register_number(&o->ops[1]);
	case INSN_STORE:
		return ours->operand_size * 8 == o->ops[0].size &&
		       (ours->has_immediate ? !((ours->immediate ^ o->ops[1].imm.value.u) &
						bits_mask(o->ops[0].size))
					    : ours->gpr == register_number(&o->ops[1]));
	case INSN_LMSW:
		return ours->is_memory == (o->ops[0].type == ZYDIS_OPERAND_TYPE_MEMORY) &&
		       (ours->is_memory || ours->gpr == register_number(&o->ops[0]));
	case INSN_IN: return ours->operand_size * 8 == o->ops[0].size;
	case INSN_OUT: return ours->operand_size * 8 == o->ops[1].size;
	case INSN_INS:
		return ours->operand_size * 8 == o->ops[0].size &&
		       ours->address_size * 8 == o->i.address_width;
	case INSN_OUTS:
		return ours->operand_size * 8 == o->ops[1].size &&
		       ours->address_size * 8 == o->i.address_width;
	default: return true;
	}
}

static void check(const u8 *bytes, size_t size, enum insn_mode mode)
{
	struct insn ours = insn_identify(bytes, size, mode);
	struct oracle o;
	enum insn_kind theirs;

	/* What the processor refuses with #UD Zydis refuses; with a LOCK prefix we too. */
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoders[mode], bytes, size, &o.i, o.ops)))
		return;
	if (!is_known_to_both(&o, &ours))
		return;
	theirs = oracle_kind(&o);
	if (theirs == INSN_UNKNOWN && ours.kind == INSN_UNKNOWN)
		return;
	found++;
	if (theirs == ours.kind && ours.length == o.i.length && details_agree(&o, &ours))
		return;
	if (failures++ < 20) {
		for (unsigned int i = 0; i < o.i.length; i++)
			fprintf(stderr, "%02x ", bytes[i]);
		fprintf(stderr, "mode %d: ours %d length %u, Zydis %s length %u\n", mode, ours.kind,
			ours.length, ZydisMnemonicGetString(o.i.mnemonic), o.i.length);
	}
}

static u8 noise(void)
{
	static u32 seed = 1;

	seed = seed * 1664525 + 1013904223;
	return (u8)(seed >> 24);
}

/* One opcode byte and one ModRM byte of map @map (bytes 0F, 0F 01), in all modes. */
static void check_opcode(unsigned int first, unsigned int second, unsigned int map, u8 opcode,
			 u8 modrm)
{
	u8 bytes[INSN_LENGTH_MAX];
	size_t at = 0;

	if (first != NO_PREFIX)
		bytes[at++] = prefixes[first];
	if (second != NO_PREFIX)
		bytes[at++] = prefixes[second];
	if (map)
		bytes[at++] = 0x0f;
	if (map == 2)
		bytes[at++] = 0x01;
	else
		bytes[at++] = opcode;
	bytes[at++] = modrm;
	while (at < sizeof(bytes))
		bytes[at++] = noise();
	for (int mode = INSN_MODE_16; mode <= INSN_MODE_64; mode++)
		check(bytes, sizeof(bytes), mode);
}

static void check_map(unsigned int first, unsigned int second)
{
	for (unsigned int modrm = 0; modrm < 256; modrm++) {
		check_opcode(first, second, 2, 0, (u8)modrm);
		/* the other maps: a ModRM in sixteen is enough for what their opcodes are */
		for (unsigned int opcode = 0; modrm % 16 == 9 && opcode < 256; opcode++) {
			check_opcode(first, second, 0, (u8)opcode, (u8)modrm);
			check_opcode(first, second, 1, (u8)opcode, (u8)modrm);
		}
	}
	for (unsigned int modrm = 0xc0; modrm < 256; modrm++)
		for (u8 opcode = 0x20; opcode <= 0x23; opcode++)
			check_opcode(first, second, 1, opcode, (u8)modrm);
}

int main(void)
{
	ZydisDecoderInit(&decoders[INSN_MODE_16], ZYDIS_MACHINE_MODE_LEGACY_16,
			 ZYDIS_STACK_WIDTH_16);
	ZydisDecoderInit(&decoders[INSN_MODE_32], ZYDIS_MACHINE_MODE_LEGACY_32,
			 ZYDIS_STACK_WIDTH_32);
	ZydisDecoderInit(&decoders[INSN_MODE_64], ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	for (unsigned int first = 0; first <= NO_PREFIX; first++)
		for (unsigned int second = 0; second <= NO_PREFIX; second++)
			check_map(first, second);
	fprintf(stderr, "%lu found, %lu different\n", found, failures);
	assert(found > 10000 && !failures);
	return 0;
}
