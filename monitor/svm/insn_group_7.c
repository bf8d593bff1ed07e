/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opcode 0F 01, where virtualization and encryption have their instructions. See insn.h.
 */
#include "monitor/svm/insn_decode.h"

/* Prefix (0 none) and ModRM of a register form of 0F 01 */
#define GROUP_7(prefix, modrm) ((prefix) << 8 | (modrm))

/* APM3, SDM */
static enum insn_kind group_7(u8 prefix, u8 modrm)
{
	switch (GROUP_7(prefix, modrm)) {
	case GROUP_7(0x00, 0xc1): return INSN_VMCALL;
	case GROUP_7(0x66, 0xcc): return INSN_TDCALL;
	case GROUP_7(0x66, 0xcf): return INSN_SEAMCALL;
	case GROUP_7(0x00, 0xc8): return INSN_MONITOR;
	case GROUP_7(0x00, 0xc9): return INSN_MWAIT;
	case GROUP_7(0x00, 0xd0): return INSN_XGETBV;
	case GROUP_7(0x00, 0xd1): return INSN_XSETBV;
	case GROUP_7(0x00, 0xd8): return INSN_VMRUN;
	case GROUP_7(0x00, 0xd9): return INSN_VMMCALL;
	case GROUP_7(0xf3, 0xd9):
	case GROUP_7(0xf2, 0xd9): return INSN_VMGEXIT;
	case GROUP_7(0x00, 0xda): return INSN_VMLOAD;
	case GROUP_7(0x00, 0xdb): return INSN_VMSAVE;
	case GROUP_7(0x00, 0xdc): return INSN_STGI;
	case GROUP_7(0x00, 0xdd): return INSN_CLGI;
	case GROUP_7(0x00, 0xde): return INSN_SKINIT;
	case GROUP_7(0x00, 0xdf): return INSN_INVLPGA;
	case GROUP_7(0x00, 0xf9): return INSN_RDTSCP;
	case GROUP_7(0xf3, 0xfd): return INSN_RMPQUERY;
	case GROUP_7(0x00, 0xfe): return INSN_INVLPGB;
	case GROUP_7(0xf2, 0xfe): return INSN_RMPUPDATE;
	case GROUP_7(0xf3, 0xfe): return INSN_RMPADJUST;
	case GROUP_7(0x00, 0xff): return INSN_TLBSYNC;
	case GROUP_7(0xf2, 0xff): return INSN_PVALIDATE;
	case GROUP_7(0xf3, 0xff): return INSN_PSMASH;
	default: return INSN_UNKNOWN;
	}
}

/*
 * What the processor below executes, or leaves to us, behind F2 and F3 too, which select nothing.
 * Not VMMCALL.
 */
static bool ignores_repeat(enum insn_kind kind)
{
	switch (kind) {
	case INSN_MONITOR:
	case INSN_MWAIT:
	case INSN_XGETBV:
	case INSN_XSETBV:
	case INSN_RDTSCP:
	case INSN_VMRUN:
	case INSN_VMLOAD:
	case INSN_VMSAVE:
	case INSN_STGI:
	case INSN_CLGI:
	case INSN_SKINIT:
	case INSN_INVLPGA: return true;
	default: return false;
	}
}

/* 66 means nothing where it selects nothing. */
static enum insn_kind group_7_of(const struct prefixes *p, u8 modrm)
{
	enum insn_kind bare = group_7(0, modrm), kind = INSN_UNKNOWN;

	if (p->repeat)
		kind = group_7(p->repeat, modrm);
	else if (p->operand)
		kind = group_7(0x66, modrm);
	if (kind || (p->repeat && !ignores_repeat(bare)))
		return kind;
	return bare;
}

enum insn_kind insn_group_7(struct cursor *c, enum insn_mode mode, const struct prefixes *p,
			    struct insn *insn)
{
	u8 modrm = next(c);

	insn->gpr = (modrm & 7) | (p->rex & REX_B ? 8 : 0);
	insn->is_memory = modrm < 0xc0;
	insn->address_size = (u8)address_size(mode, p);
	insn->segment = p->has_segment ? p->segment : INSN_SEGMENT_DS;
	if (modrm >= 0xc0)
		return (modrm >> 3 & 7) == 6 ? INSN_LMSW : group_7_of(p, modrm);
	if ((modrm >> 3 & 7) < 6)
		return INSN_UNKNOWN;
	skip_memory_operand(c, modrm, address_size(mode, p));
	return (modrm >> 3 & 7) == 6 ? INSN_LMSW : INSN_INVLPG;
}
