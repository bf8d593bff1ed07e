/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VMCB and, with the same first part, the VMSA of an SEV-ES or SNP processor.
 * Spec: APM2 appendix B, tables B-1 (control), B-2 (VMCB save), B-4 (VMSA).
 */
#pragma once

#include "abi/bits.h"

/* Permission maps: a bit a port, and two bits an MSR in three ranges. APM2 15.10.1, 15.11 */
#define IOPM_SIZE  0x3000
#define MSRPM_SIZE 0x2000

/* Control area, intercept vectors: bit n of word w is 32 * w + n */
#define VMCB_INTERCEPT_CR_WRITE(n)  (16 + (n))
#define VMCB_INTERCEPT_DR_READ(n)   (32 + (n))
#define VMCB_INTERCEPT_DR_WRITE(n)  (48 + (n))
#define VMCB_INTERCEPT_EXCEPTION(n) (64 + (n))
#define VMCB_INTERCEPT_INTR         96
#define VMCB_INTERCEPT_NMI          97
#define VMCB_INTERCEPT_SMI          98
#define VMCB_INTERCEPT_INIT         99
#define VMCB_INTERCEPT_VINTR        100
#define VMCB_INTERCEPT_RDTSC        110
#define VMCB_INTERCEPT_RDPMC        111
#define VMCB_INTERCEPT_CPUID        114
#define VMCB_INTERCEPT_IRET         116
#define VMCB_INTERCEPT_INVD         118
#define VMCB_INTERCEPT_PAUSE        119
#define VMCB_INTERCEPT_HLT          120
#define VMCB_INTERCEPT_INVLPGA      122
#define VMCB_INTERCEPT_IOIO         123
#define VMCB_INTERCEPT_MSR          124
#define VMCB_INTERCEPT_SHUTDOWN     127
#define VMCB_INTERCEPT_VMRUN        128
#define VMCB_INTERCEPT_VMMCALL      129
#define VMCB_INTERCEPT_VMLOAD       130
#define VMCB_INTERCEPT_VMSAVE       131
#define VMCB_INTERCEPT_STGI         132
#define VMCB_INTERCEPT_CLGI         133
#define VMCB_INTERCEPT_SKINIT       134
#define VMCB_INTERCEPT_RDTSCP       135
#define VMCB_INTERCEPT_WBINVD       137
#define VMCB_INTERCEPT_MONITOR      138
#define VMCB_INTERCEPT_MWAIT        139
#define VMCB_INTERCEPT_XSETBV       141

#define VMCB_V_IRQ               BIT(8)
#define VMCB_V_GIF               BIT(9)
#define VMCB_V_INTR_PRIO_SHIFT   16
#define VMCB_V_IGN_TPR           BIT(20)
#define VMCB_V_INTR_MASKING      BIT(24)
#define VMCB_V_INTR_VECTOR_SHIFT 32

#define VMCB_V_TPR_MASK 0xff
/* Without AVIC, V_GIF and V_NMI: APM2 table B-1, 0x060 */
#define VMCB_INT_CTL_KNOWN U64_C(0x000000ff011f01ff)

#define VMCB_NESTED_PAGING BIT(0)
#define VMCB_SEV           BIT(1)
#define VMCB_SEV_ES        BIT(2)
#define VMCB_LBR_VIRT      BIT(0) /* of virt_ext: APM2 15.23 */
#define VMCB_INT_SHADOW    BIT(0)
#define VMCB_INT_GUEST_IF  BIT(1) /* of encrypted state: its RFLAGS.IF */
#define VMCB_TLB_FLUSH_ALL 1
#define VMEXIT_INVALID     0xffffffff /* compare the low 32 bits: see docs/limits.md */

/* EXITINFO1 of a nested page fault: APM2 15.25.6 */
#define NPF_P          BIT(0)
#define NPF_W          BIT(1)
#define NPF_U          BIT(2)
#define NPF_RSV        BIT(3)
#define NPF_I          BIT(4)
#define NPF_FINAL      BIT(32)
#define NPF_TABLE_WALK BIT(33)
#define NPF_RMP        BIT(31)
#define NPF_ENC        BIT(34)
#define NPF_SIZEM      BIT(35)
#define NPF_VMPL       BIT(36)

/* Segment attributes as the VMCB packs them: type [3:0] S DPL [6:5] P, AVL L D G in [11:8] */
#define SEG_ATTRIB_CODE64 0x0a9b
#define SEG_ATTRIB_CODE32 0x0c9b
#define SEG_ATTRIB_DATA   0x0c93
#define SEG_ATTRIB_CODE16 0x009b
#define SEG_ATTRIB_DATA16 0x0093
#define SEG_ATTRIB_TSS64  0x008b
#define SEG_ATTRIB_LDT    0x0082
#define SEG_ATTRIB_P      0x0080
#define SEG_ATTRIB_L      0x0200
#define SEG_ATTRIB_D      0x0400

/* struct vmcb_control_area, for assembly */
#define VMCB_TSC_OFFSET 0x050
#define VMCB_INT_STATE  0x068

#ifndef __ASSEMBLER__
/* The byte of a map that has @msr's bits; MSRPM_SIZE: none has, and it always exits. */
static inline u32 msrpm_byte(u32 msr)
{
	u32 at = (msr & 0x1fff) / 4;

	if (msr < 0x2000)
		return at;
	if (msr - 0xc0000000 < 0x2000)
		return 0x800 + at;
	return msr - 0xc0010000 < 0x2000 ? 0x1000 + at : MSRPM_SIZE;
}

/* Where in it they are: that of reads, and above it that of writes. */
static inline unsigned int msrpm_shift(u32 msr) { return msr % 4 * 2; }

struct vmcb_seg {
	u16 selector;
	u16 attrib;
	u32 limit;
	u64 base;
};
ABI_SIZE(struct vmcb_seg, 16);

struct vmcb_control_area {
	u32 intercepts[6];
	u8 reserved_0x018[0x03c - 0x018];
	u16 pause_filter_thresh;
	u16 pause_filter_count;
	u64 iopm_base_pa;
	u64 msrpm_base_pa;
	u64 tsc_offset;
	u32 asid;
	u8 tlb_ctl;
	u8 reserved_0x05d[3];
	u64 int_ctl;
	u64 int_state;
	u64 exit_code;
	u64 exit_info_1;
	u64 exit_info_2;
	u64 exit_int_info;
	u64 nested_ctl;
	u64 avic_vapic_bar;
	u64 ghcb_gpa;
	u64 event_inj;
	u64 nested_cr3;
	u64 virt_ext;
	u32 clean;
	u32 reserved_0x0c4;
	u64 next_rip;
	u8 insn_len;
	u8 insn_bytes[15];
	u8 reserved_0x0e0[0x108 - 0x0e0];
	u64 vmsa_pa;
	u8 reserved_0x110[0x400 - 0x110];
};
ABI_SIZE(struct vmcb_control_area, 0x400);
ABI_OFFSET(struct vmcb_control_area, ghcb_gpa, 0x0a0);
ABI_OFFSET(struct vmcb_control_area, vmsa_pa, 0x108);
ABI_OFFSET(struct vmcb_control_area, pause_filter_thresh, 0x03c);
ABI_OFFSET(struct vmcb_control_area, iopm_base_pa, 0x040);
ABI_OFFSET(struct vmcb_control_area, tsc_offset, VMCB_TSC_OFFSET);
ABI_OFFSET(struct vmcb_control_area, int_state, VMCB_INT_STATE);
ABI_OFFSET(struct vmcb_control_area, asid, 0x058);
ABI_OFFSET(struct vmcb_control_area, int_ctl, 0x060);
ABI_OFFSET(struct vmcb_control_area, exit_code, 0x070);
ABI_OFFSET(struct vmcb_control_area, nested_ctl, 0x090);
ABI_OFFSET(struct vmcb_control_area, event_inj, 0x0a8);
ABI_OFFSET(struct vmcb_control_area, nested_cr3, 0x0b0);
ABI_OFFSET(struct vmcb_control_area, clean, 0x0c0);
ABI_OFFSET(struct vmcb_control_area, next_rip, 0x0c8);

/* Tables B-2 and B-4: common up to 0x2a0; from 0x2e8 only the VMSA */
struct vmsa {
	struct vmcb_seg es;
	struct vmcb_seg cs;
	struct vmcb_seg ss;
	struct vmcb_seg ds;
	struct vmcb_seg fs;
	struct vmcb_seg gs;
	struct vmcb_seg gdtr;
	struct vmcb_seg ldtr;
	struct vmcb_seg idtr;
	struct vmcb_seg tr;
	u8 reserved_0x0a0[0x0ca - 0x0a0];
	u8 vmpl;
	u8 cpl;
	u32 reserved_0x0cc;
	u64 efer;
	u8 reserved_0x0d8[0x140 - 0x0d8];
	u64 xss;
	u64 cr4;
	u64 cr3;
	u64 cr0;
	u64 dr7;
	u64 dr6;
	u64 rflags;
	u64 rip;
	u64 dr[4]; /* of encrypted state, with debug swap: table B-4 */
	u8 reserved_0x1a0[0x1d8 - 0x1a0];
	u64 rsp;
	u8 reserved_0x1e0[0x1f8 - 0x1e0];
	u64 rax;
	u64 star;
	u64 lstar;
	u64 cstar;
	u64 sfmask;
	u64 kernel_gs_base;
	u64 sysenter_cs;
	u64 sysenter_esp;
	u64 sysenter_eip;
	u64 cr2;
	u8 reserved_0x248[0x268 - 0x248];
	u64 g_pat;
	u64 dbgctl;
	u64 br_from;
	u64 br_to;
	u64 last_excp_from;
	u64 last_excp_to;
	u8 reserved_0x298[0x2e8 - 0x298];
	u32 pkru;
	u32 tsc_aux;
	u64 guest_tsc_scale;  /* with Secure TSC: 8.32 bits of fraction, TSC_SCALE_ONE */
	u64 guest_tsc_offset; /* is added behind the scale */
	u64 reserved_0x300;
	u64 rcx;
	u64 rdx;
	u64 rbx;
	u64 reserved_0x320;
	u64 rbp;
	u64 rsi;
	u64 rdi;
	u64 r8;
	u64 r9;
	u64 r10;
	u64 r11;
	u64 r12;
	u64 r13;
	u64 r14;
	u64 r15;
	u8 reserved_0x380[0x3b0 - 0x380];
	u64 sev_features;
	u64 vintr_ctrl;
	u8 reserved_0x3c0[0x3e8 - 0x3c0];
	u64 xcr0;
	u8 reserved_0x3f0[0x400 - 0x3f0];
	u64 x87_dp;
	u32 mxcsr;
	u16 x87_ftw; /* abridged as FXSAVE's, says the same source: sev_es_sync_vmsa() */
	u16 x87_fsw;
	u16 x87_fcw;
	u16 x87_fop;
	u16 x87_ds;
	u16 x87_cs;
	u64 x87_rip;
	u8 x87_low[8][8];  /* bytes 0 to 7 of each register, then */
	u8 x87_high[8][2]; /* bytes 8 and 9 of each: in no manual, but what hardware has by Linux */
	u8 xmm[16][16];    /* and in ymm the upper halves */
	u8 ymm[16][16];
	u8 reserved_0x670[0xc00 - 0x670];
};
ABI_SIZE(struct vmsa, 0xc00);
ABI_OFFSET(struct vmsa, mxcsr, 0x408);
ABI_OFFSET(struct vmsa, x87_fcw, 0x410);
ABI_OFFSET(struct vmsa, x87_low, 0x420);
ABI_OFFSET(struct vmsa, x87_high, 0x460);
ABI_OFFSET(struct vmsa, ymm, 0x570);
ABI_OFFSET(struct vmsa, vmpl, 0x0ca);
ABI_OFFSET(struct vmsa, efer, 0x0d0);
ABI_OFFSET(struct vmsa, xss, 0x140);
ABI_OFFSET(struct vmsa, rip, 0x178);
ABI_OFFSET(struct vmsa, dr, 0x180);
ABI_OFFSET(struct vmsa, rsp, 0x1d8);
ABI_OFFSET(struct vmsa, rax, 0x1f8);
ABI_OFFSET(struct vmsa, cr2, 0x240);
ABI_OFFSET(struct vmsa, g_pat, 0x268);
ABI_OFFSET(struct vmsa, pkru, 0x2e8);
ABI_OFFSET(struct vmsa, guest_tsc_scale, 0x2f0);
ABI_OFFSET(struct vmsa, rcx, 0x308);
ABI_OFFSET(struct vmsa, rbp, 0x328);
ABI_OFFSET(struct vmsa, sev_features, 0x3b0);
ABI_OFFSET(struct vmsa, xcr0, 0x3e8);

struct vmcb {
	struct vmcb_control_area control;
	struct vmsa save;
};
ABI_SIZE(struct vmcb, PAGE_SIZE);
#endif
