/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The opcode maps. The one-byte map and the one behind 0F are arrays by opcode; what a prefix of
 * 66, F2 or F3 makes another instruction, and what stands in the rarer maps, is a list.
 */
#include "paravirt/emulate/insn_map.h"

#include "lib/compiler.h"
#include "paravirt/emulate/insn.h"

/* Operands in the notation of APM3 A.1.1 */
#define EB    (F_MODRM | F_BYTE)
#define EV    F_MODRM
#define EB_GB (F_MODRM | F_REG | F_BYTE)
#define EV_GV (F_MODRM | F_REG)
#define GB_EB (F_MODRM | F_REG | F_TO_REG | F_BYTE)
#define GV_EV (F_MODRM | F_REG | F_TO_REG)
#define GV_EB (GV_EV | F_MEM_8)
#define GV_EW (GV_EV | F_MEM_16)
#define GV_ED (GV_EV | F_MEM_32)
#define EB_IB (EB | F_IMM)
#define EV_IB (EV | F_IMM_8)
#define EV_IZ (EV | F_IMM)
/* and with VEX: Gy,By,Ey and Gy,Ey,By, which are the same to us, and By,Ey */
#define GY_BY_EY (F_MODRM | F_TO_REG | F_VVVV | F_L0)
#define BY_EY    (F_MODRM | F_TO_REG | F_TO_VVVV | F_L0)
#define GV_EY_IB (F_MODRM | F_TO_REG | F_IMM_8 | F_L0)

enum group {
	GROUP_1 = 1,
	GROUP_1A,
	GROUP_2,
	GROUP_3,
	GROUP_4,
	GROUP_5,
	GROUP_7,
	GROUP_8,
	GROUP_9,
	GROUP_11,
	GROUP_15,
	GROUP_15_66,
	GROUP_17,
};

/* clang-format off */
#define OF(name) { INSN_##name, 0 }
/* clang-format on */

/* APM3 table A-6: by ModRM.reg; flags are added to those of the opcode */
static const struct insn_rule groups[][8] = {
	[GROUP_1] = { OF(ADD), OF(OR), OF(ADC), OF(SBB), OF(AND), OF(SUB), OF(XOR), OF(CMP) },
	[GROUP_1A] = { OF(POP) },
	[GROUP_2] = { OF(ROL), OF(ROR), OF(RCL), OF(RCR), OF(SHL), OF(SHR), OF(SHL), OF(SAR) },
	[GROUP_3] = { { INSN_TEST, F_IMM },
		      { INSN_TEST, F_IMM },
		      OF(NOT),
		      OF(NEG),
		      OF(MUL),
		      OF(IMUL_WIDE),
		      OF(DIV),
		      OF(IDIV) },
	[GROUP_4] = { OF(INC), OF(DEC) },
	[GROUP_5] = { OF(INC), OF(DEC), [6] = { INSN_PUSH, F_D64 } },
	[GROUP_8] = { [4] = OF(BT), [5] = OF(BTS), [6] = OF(BTR), [7] = OF(BTC) },
	[GROUP_9] = { [1] = { INSN_CMPXCHG8B, F_MEM_64 | F_NO_W } },
	[GROUP_11] = { OF(MOV) },
	[GROUP_15] = { [7] = OF(CLFLUSH) },
	[GROUP_15_66] = { [6] = OF(CLFLUSH), [7] = OF(CLFLUSH) },
	[GROUP_17] = { [1] = OF(BLSR), [2] = OF(BLSMSK), [3] = OF(BLSI) },
};

#define ROW(first, name)                                                                           \
	[first] = { INSN_##name, EB_GB }, [(first) + 1] = { INSN_##name, EV_GV },                  \
	[(first) + 2] = { INSN_##name, GB_EB }, [(first) + 3] = { INSN_##name, GV_EV }

/* APM3 tables */
static const struct insn_rule primary[256] = {
	ROW(0x00, ADD),
	ROW(0x08, OR),
	ROW(0x10, ADC),
	ROW(0x18, SBB),
	ROW(0x20, AND),
	ROW(0x28, SUB),
	ROW(0x30, XOR),
	ROW(0x38, CMP),
	[0x63] = { INSN_MOVSX, GV_ED | F_NO_66 }, /* with 66: 4 bytes of AMD, 2 of Intel */
	[0x69] = { INSN_IMUL, EV_IZ | F_TO_REG },
	[0x6b] = { INSN_IMUL, EV_IB | F_TO_REG },
	[0x6c] = { INSN_INS, F_STRING | F_BYTE },
	[0x6d] = { INSN_INS, F_STRING | F_MAX_32 },
	[0x6e] = { INSN_OUTS, F_STRING | F_BYTE },
	[0x6f] = { INSN_OUTS, F_STRING | F_MAX_32 },
	[0x80] = { GROUP_1, F_GROUP | EB_IB },
	[0x81] = { GROUP_1, F_GROUP | EV_IZ },
	[0x83] = { GROUP_1, F_GROUP | EV_IB },
	[0x84] = { INSN_TEST, EB_GB },
	[0x85] = { INSN_TEST, EV_GV },
	[0x86] = { INSN_XCHG, EB_GB },
	[0x87] = { INSN_XCHG, EV_GV },
	ROW(0x88, MOV),
	[0x8f] = { GROUP_1A, F_GROUP | EV | F_D64 },
	[0xa0] = { INSN_MOV, F_MOFFS | F_TO_REG | F_BYTE },
	[0xa1] = { INSN_MOV, F_MOFFS | F_TO_REG },
	[0xa2] = { INSN_MOV, F_MOFFS | F_REG | F_BYTE },
	[0xa3] = { INSN_MOV, F_MOFFS | F_REG },
	[0xa4] = { INSN_MOVS, F_STRING | F_BYTE },
	[0xa5] = { INSN_MOVS, F_STRING },
	[0xa6] = { INSN_CMPS, F_STRING | F_BYTE },
	[0xa7] = { INSN_CMPS, F_STRING },
	[0xaa] = { INSN_STOS, F_STRING | F_BYTE },
	[0xab] = { INSN_STOS, F_STRING },
	[0xac] = { INSN_LODS, F_STRING | F_BYTE },
	[0xad] = { INSN_LODS, F_STRING },
	[0xae] = { INSN_SCAS, F_STRING | F_BYTE },
	[0xaf] = { INSN_SCAS, F_STRING },
	[0xc0] = { GROUP_2, F_GROUP | EB_IB },
	[0xc1] = { GROUP_2, F_GROUP | EV_IB },
	[0xc6] = { GROUP_11, F_GROUP | EB_IB },
	[0xc7] = { GROUP_11, F_GROUP | EV_IZ },
	[0xd0] = { GROUP_2, F_GROUP | EB | F_ONE },
	[0xd1] = { GROUP_2, F_GROUP | EV | F_ONE },
	[0xd2] = { GROUP_2, F_GROUP | EB | F_CL },
	[0xd3] = { GROUP_2, F_GROUP | EV | F_CL },
	[0xd7] = { INSN_MOV, F_XLAT | F_TO_REG | F_BYTE },
	[0xe4] = { INSN_IN, F_PORT_IMM | F_BYTE },
	[0xe5] = { INSN_IN, F_PORT_IMM | F_MAX_32 },
	[0xe6] = { INSN_OUT, F_PORT_IMM | F_BYTE },
	[0xe7] = { INSN_OUT, F_PORT_IMM | F_MAX_32 },
	[0xec] = { INSN_IN, F_BYTE },
	[0xed] = { INSN_IN, F_MAX_32 },
	[0xee] = { INSN_OUT, F_BYTE },
	[0xef] = { INSN_OUT, F_MAX_32 },
	[0xf4] = { INSN_HLT, 0 },
	[0xf6] = { GROUP_3, F_GROUP | EB },
	[0xf7] = { GROUP_3, F_GROUP | EV },
	[0xfe] = { GROUP_4, F_GROUP | EB },
	[0xff] = { GROUP_5, F_GROUP | EV },
};

/* APM3 tables */
static const struct insn_rule secondary[256] = {
	[0x01] = { GROUP_7, F_GROUP },
	[0x08] = { INSN_INVD, 0 },
	[0x09] = { INSN_WBINVD, 0 }, /* F3: WBNOINVD */
	[0x21] = { INSN_MOV_FROM_DR, F_MODRM_REG },
	[0x23] = { INSN_MOV_TO_DR, F_MODRM_REG },
	[0x30] = { INSN_WRMSR, 0 },
	[0x31] = { INSN_RDTSC, 0 },
	[0x32] = { INSN_RDMSR, 0 },
	[0x33] = { INSN_RDPMC, 0 },
	[0x40 ... 0x4f] = { INSN_CMOV, GV_EV },
	[0x90 ... 0x9f] = { INSN_SET, EB },
	[0xa2] = { INSN_CPUID, 0 },
	[0xa3] = { INSN_BT, EV_GV },
	[0xa4] = { INSN_SHLD, EV_GV | F_IMM_8 },
	[0xa5] = { INSN_SHLD, EV_GV | F_CL },
	[0xab] = { INSN_BTS, EV_GV },
	[0xac] = { INSN_SHRD, EV_GV | F_IMM_8 },
	[0xad] = { INSN_SHRD, EV_GV | F_CL },
	[0xaf] = { INSN_IMUL, GV_EV },
	[0xb0] = { INSN_CMPXCHG, EB_GB },
	[0xb1] = { INSN_CMPXCHG, EV_GV },
	[0xb3] = { INSN_BTR, EV_GV },
	[0xb6] = { INSN_MOV, GV_EB },
	[0xb7] = { INSN_MOV, GV_EW },
	[0xba] = { GROUP_8, F_GROUP | EV_IB },
	[0xbb] = { INSN_BTC, EV_GV },
	[0xbc] = { INSN_BSF, GV_EV },
	[0xbd] = { INSN_BSR, GV_EV },
	[0xbe] = { INSN_MOVSX, GV_EB },
	[0xbf] = { INSN_MOVSX, GV_EW },
	[0xc0] = { INSN_XADD, EB_GB },
	[0xc1] = { INSN_XADD, EV_GV },
	[0xc3] = { INSN_MOV, EV_GV | F_NO_PREFIX }, /* MOVNTI */
	[0xc7] = { GROUP_9, F_GROUP | EV },
};

/* Behind 0F 01, where ModRM is a third byte of opcode: APM3 table A-7 */
static const struct {
	u8 byte;
	struct insn_rule rule;
} behind_0f01[] = {
	{ 0xd9, { INSN_VMMCALL, 0 } },
	{ 0xc1, { INSN_VMCALL, F_NO_PREFIX } },
	{ 0xc8, { INSN_MONITOR, F_NO_PREFIX } },
	{ 0xc9, { INSN_MWAIT, F_NO_PREFIX } },
	{ 0xf9, { INSN_RDTSCP, 0 } },
	{ 0xfa, { INSN_MONITOR, F_NO_PREFIX } },
	{ 0xfb, { INSN_MWAIT, F_NO_PREFIX } },
};

/* By mandatory prefix, and the rarer maps: APM3 tables, with VEX */
static const struct {
	struct insn_opcode opcode;
	struct insn_rule rule;
} by_prefix[] = {
	{ { INSN_MAP_0F, false, 0xf3, 0xb8 }, { INSN_POPCNT, GV_EV } },
	{ { INSN_MAP_0F, false, 0xf3, 0xbc }, { INSN_TZCNT, GV_EV } },
	{ { INSN_MAP_0F, false, 0xf3, 0xbd }, { INSN_LZCNT, GV_EV } },
	{ { INSN_MAP_0F, false, 0x00, 0xae }, { GROUP_15, F_GROUP | EB } },
	{ { INSN_MAP_0F, false, 0x66, 0xae }, { GROUP_15_66, F_GROUP | EB } },
	{ { INSN_MAP_0F, false, 0xf3, 0x2b }, { INSN_VECTOR_STORE, EV | F_MEM_32 } }, /* MOVNTSS */
	{ { INSN_MAP_0F, false, 0xf2, 0x2b }, { INSN_VECTOR_STORE, EV | F_MEM_64 } }, /* MOVNTSD */
	{ { INSN_MAP_0F38, false, 0x00, 0xf0 }, { INSN_MOVBE, GV_EV } },
	{ { INSN_MAP_0F38, false, 0x66, 0xf0 }, { INSN_MOVBE, GV_EV } },
	{ { INSN_MAP_0F38, false, 0xf2, 0xf0 }, { INSN_CRC32, GV_EB | F_MIN_32 } },
	{ { INSN_MAP_0F38, false, 0x00, 0xf1 }, { INSN_MOVBE, EV_GV } },
	{ { INSN_MAP_0F38, false, 0x66, 0xf1 }, { INSN_MOVBE, EV_GV } },
	{ { INSN_MAP_0F38, false, 0xf2, 0xf1 }, { INSN_CRC32, GV_EV | F_MIN_32 } },
	{ { INSN_MAP_0F38, false, 0x66, 0xf6 }, { INSN_ADCX, GV_EV | F_66_OPCODE } },
	{ { INSN_MAP_0F38, false, 0xf3, 0xf6 }, { INSN_ADOX, GV_EV | F_66_OPCODE } },
	{ { INSN_MAP_0F38, false, 0x00, 0xf9 }, { INSN_MOV, EV_GV } }, /* MOVDIRI */
	{ { INSN_MAP_0F38, true, 0x00, 0xf2 }, { INSN_ANDN, GY_BY_EY } },
	{ { INSN_MAP_0F38, true, 0x00, 0xf3 }, { GROUP_17, F_GROUP | BY_EY } },
	{ { INSN_MAP_0F38, true, 0x00, 0xf5 }, { INSN_BZHI, GY_BY_EY } },
	{ { INSN_MAP_0F38, true, 0xf2, 0xf5 }, { INSN_PDEP, GY_BY_EY } },
	{ { INSN_MAP_0F38, true, 0xf3, 0xf5 }, { INSN_PEXT, GY_BY_EY } },
	{ { INSN_MAP_0F38, true, 0xf2, 0xf6 }, { INSN_MULX, GY_BY_EY } },
	{ { INSN_MAP_0F38, true, 0x00, 0xf7 }, { INSN_BEXTR, GY_BY_EY } },
	{ { INSN_MAP_0F38, true, 0x66, 0xf7 }, { INSN_SHLX, GY_BY_EY } },
	{ { INSN_MAP_0F38, true, 0xf2, 0xf7 }, { INSN_SHRX, GY_BY_EY } },
	{ { INSN_MAP_0F38, true, 0xf3, 0xf7 }, { INSN_SARX, GY_BY_EY } },
	{ { INSN_MAP_0F3A, true, 0xf2, 0xf0 }, { INSN_RORX, GV_EY_IB } },
};

#define VX_WX (F_MODRM | F_TO_REG | F_MEM_128)
#define WX_VX (F_MODRM | F_MEM_128)
#define VO_MD (F_MODRM | F_TO_REG | F_MEM_32)
#define MD_VO (F_MODRM | F_MEM_32)
#define VO_MQ (F_MODRM | F_TO_REG | F_MEM_64)
#define MQ_VO (F_MODRM | F_MEM_64)
#define VO_EY (F_MODRM | F_TO_REG | F_66_OPCODE | F_L0)
#define EY_VO (F_MODRM | F_66_OPCODE | F_L0)
/* the half that stays is VEX's third operand */
#define VO_HO_MQ (VO_MQ | F_VVVV | F_L0)

/* Moves of vector registers, which are the same with and without VEX: tables */
static const struct {
	u8 map, prefix, byte;
	struct insn_rule rule;
} vector_moves[] = {
	{ INSN_MAP_0F, 0x00, 0x10, { INSN_VECTOR_LOAD, VX_WX } }, /* MOVUPS */
	{ INSN_MAP_0F, 0x66, 0x10, { INSN_VECTOR_LOAD, VX_WX } }, /* MOVUPD */
	{ INSN_MAP_0F, 0xf3, 0x10, { INSN_VECTOR_LOAD, VO_MD } }, /* MOVSS */
	{ INSN_MAP_0F, 0xf2, 0x10, { INSN_VECTOR_LOAD, VO_MQ } }, /* MOVSD */
	{ INSN_MAP_0F, 0x00, 0x11, { INSN_VECTOR_STORE, WX_VX } },
	{ INSN_MAP_0F, 0x66, 0x11, { INSN_VECTOR_STORE, WX_VX } },
	{ INSN_MAP_0F, 0xf3, 0x11, { INSN_VECTOR_STORE, MD_VO } },
	{ INSN_MAP_0F, 0xf2, 0x11, { INSN_VECTOR_STORE, MQ_VO } },
	{ INSN_MAP_0F, 0x00, 0x12, { INSN_VECTOR_LOAD_LOW, VO_HO_MQ } }, /* MOVLPS */
	{ INSN_MAP_0F, 0x66, 0x12, { INSN_VECTOR_LOAD_LOW, VO_HO_MQ } }, /* MOVLPD */
	{ INSN_MAP_0F, 0x00, 0x13, { INSN_VECTOR_STORE, MQ_VO | F_L0 } },
	{ INSN_MAP_0F, 0x66, 0x13, { INSN_VECTOR_STORE, MQ_VO | F_L0 } },
	{ INSN_MAP_0F, 0x00, 0x16, { INSN_VECTOR_LOAD_HIGH, VO_HO_MQ } }, /* MOVHPS */
	{ INSN_MAP_0F, 0x66, 0x16, { INSN_VECTOR_LOAD_HIGH, VO_HO_MQ } }, /* MOVHPD */
	{ INSN_MAP_0F, 0x00, 0x17, { INSN_VECTOR_STORE_HIGH, MQ_VO | F_L0 } },
	{ INSN_MAP_0F, 0x66, 0x17, { INSN_VECTOR_STORE_HIGH, MQ_VO | F_L0 } },
	{ INSN_MAP_0F, 0x00, 0x28, { INSN_VECTOR_LOAD, VX_WX } }, /* MOVAPS */
	{ INSN_MAP_0F, 0x66, 0x28, { INSN_VECTOR_LOAD, VX_WX } }, /* MOVAPD */
	{ INSN_MAP_0F, 0x00, 0x29, { INSN_VECTOR_STORE, WX_VX } },
	{ INSN_MAP_0F, 0x66, 0x29, { INSN_VECTOR_STORE, WX_VX } },
	{ INSN_MAP_0F, 0x00, 0x2b, { INSN_VECTOR_STORE, WX_VX } }, /* MOVNTPS */
	{ INSN_MAP_0F, 0x66, 0x2b, { INSN_VECTOR_STORE, WX_VX } }, /* MOVNTPD */
	{ INSN_MAP_0F, 0x66, 0x6e, { INSN_VECTOR_LOAD, VO_EY } },  /* MOVD, MOVQ */
	{ INSN_MAP_0F, 0x66, 0x6f, { INSN_VECTOR_LOAD, VX_WX } },  /* MOVDQA */
	{ INSN_MAP_0F, 0xf3, 0x6f, { INSN_VECTOR_LOAD, VX_WX } },  /* MOVDQU */
	{ INSN_MAP_0F, 0x66, 0x7e, { INSN_VECTOR_STORE, EY_VO } },
	{ INSN_MAP_0F, 0xf3, 0x7e, { INSN_VECTOR_LOAD, VO_MQ | F_L0 } }, /* MOVQ */
	{ INSN_MAP_0F, 0x66, 0x7f, { INSN_VECTOR_STORE, WX_VX } },
	{ INSN_MAP_0F, 0xf3, 0x7f, { INSN_VECTOR_STORE, WX_VX } },
	{ INSN_MAP_0F, 0x66, 0xd6, { INSN_VECTOR_STORE, MQ_VO | F_L0 } }, /* MOVQ */
	{ INSN_MAP_0F, 0x66, 0xe7, { INSN_VECTOR_STORE, WX_VX } },        /* MOVNTDQ */
	{ INSN_MAP_0F, 0xf2, 0xf0, { INSN_VECTOR_LOAD, VX_WX } },         /* LDDQU */
	{ INSN_MAP_0F38, 0x66, 0x2a, { INSN_VECTOR_LOAD, VX_WX } },       /* MOVNTDQA */
};

static const struct insn_rule nothing = { INSN_REFUSED, 0 };

static const struct insn_rule *find_vector_move(const struct insn_opcode *o)
{
	for (size_t i = 0; i < array_count(vector_moves); i++) {
		if (vector_moves[i].map == o->map && vector_moves[i].prefix == o->prefix &&
		    vector_moves[i].byte == o->byte)
			return &vector_moves[i].rule;
	}
	return &nothing;
}

static const struct insn_rule *find_by_prefix(const struct insn_opcode *o)
{
	for (size_t i = 0; i < array_count(by_prefix); i++) {
		const struct insn_opcode *known = &by_prefix[i].opcode;

		if (known->byte == o->byte && known->map == o->map && known->vex == o->vex &&
		    known->prefix == o->prefix)
			return &by_prefix[i].rule;
	}
	return find_vector_move(o);
}

const struct insn_rule *insn_map_find(const struct insn_opcode *o)
{
	const struct insn_rule *rule = &nothing, *prefixed;

	if (o->map == INSN_MAP_PRIMARY)
		return &primary[o->byte];
	if (o->map == INSN_MAP_0F && !o->vex)
		rule = &secondary[o->byte];
	if (rule->kind != INSN_REFUSED && !o->prefix)
		return rule;
	prefixed = find_by_prefix(o);
	return prefixed->kind != INSN_REFUSED ? prefixed : rule;
}

static const struct insn_rule *find_behind_0f01(u8 modrm)
{
	for (size_t i = 0; i < array_count(behind_0f01); i++) {
		if (behind_0f01[i].byte == modrm)
			return &behind_0f01[i].rule;
	}
	return &nothing;
}

const struct insn_rule *insn_map_group(const struct insn_rule *rule, u8 modrm)
{
	if (rule->kind == GROUP_7)
		return find_behind_0f01(modrm);
	return &groups[rule->kind][modrm >> 3 & 7];
}
