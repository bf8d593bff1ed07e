/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSRs and control registers of a TD: see tdx_msr.h.
 */
#include "monitor/hardware/tdx_msr.h"
#include "abi/x86.h"
#include "lib/compiler.h"

#define MSR_MISC_ENABLE 0x1a0

#define N  TDX_REGISTER_NATIVE
#define V  TDX_REGISTER_VALUE
#define GP TDX_REGISTER_GP
#define VE TDX_REGISTER_VE

/* In order. What is in none of these ranges raises #VE, both ways. */
static const struct {
	u32 first, last;
	u8 read, write;
} ranges[] = {
	{ MSR_TSC, MSR_TSC, N, VE },
	{ 0x48, 0x49, N, N },   /* SPEC_CTRL, PRED_CMD */
	{ 0x87, 0x87, GP, GP }, /* MKTME_PARTITIONING: CPUID has no PCONFIG */
	{ 0x8c, 0x8f, GP, GP }, /* SGX */
	{ 0x98, 0x9b, GP, GP }, /* SEAM */
	{ 0x9e, 0x9e, GP, GP }, /* SMBASE */
	{ 0xbc, 0xbc, N, VE },  /* MISC_PACKAGE_CTLS */
	{ MSR_XAPIC_DISABLE_STATUS, MSR_XAPIC_DISABLE_STATUS, V, GP },
	{ 0xc1, 0xc8, GP, GP }, /* performance counters */
	{ 0xe1, 0xe1, GP, GP }, /* UMWAIT_CONTROL */
	{ MSR_ARCH_CAPABILITIES, MSR_ARCH_CAPABILITIES, V, GP },
	{ 0x10b, 0x10b, N, N },   /* FLUSH_CMD */
	{ 0x122, 0x122, GP, GP }, /* TSX_CTRL */
	{ MSR_SYSENTER_CS, MSR_SYSENTER_EIP, N, N },
	{ 0x186, 0x18d, GP, GP },                    /* PERFEVTSEL */
	{ 0x195, 0x195, GP, GP },                    /* OVERCLOCKING_STATUS */
	{ MSR_MISC_ENABLE, MSR_MISC_ENABLE, V, VE }, /* Linux reads it before it can take #VE */
	{ 0x1a6, 0x1a7, GP, GP },                    /* OFFCORE_RSP */
	{ 0x1c4, 0x1c5, GP, GP },                    /* XFD */
	{ MSR_DEBUGCTL, MSR_DEBUGCTL, N, N },        /* writes are checked */
	{ 0x1f8, 0x1fa, GP, GP },                    /* direct cache access */
	{ 0x276, 0x276, GP, GP },                    /* SLAM_ENABLE */
	{ MSR_PAT, MSR_PAT, N, N },
	{ 0x309, 0x310, GP, GP }, /* fixed counters */
	{ 0x329, 0x329, GP, GP }, /* PERF_METRICS */
	{ MSR_PERF_CAPABILITIES, MSR_PERF_CAPABILITIES, V, GP },
	{ 0x38d, 0x392, GP, GP }, /* performance control */
	{ 0x3f1, 0x3f2, GP, GP }, /* PEBS */
	{ 0x3f6, 0x3f7, GP, GP },
	{ 0x480, 0x492, VE, GP }, /* VMX */
	{ 0x4c1, 0x4c8, GP, GP }, /* full-width counters */
	{ 0x500, 0x500, GP, GP }, /* SGX_SVN_STATUS */
	{ 0x560, 0x561, GP, GP }, /* processor trace */
	{ 0x570, 0x572, GP, GP },
	{ 0x580, 0x587, GP, GP },
	{ 0x600, 0x600, N, N },   /* DS_AREA */
	{ 0x6a0, 0x6a0, GP, GP }, /* CET */
	{ 0x6a2, 0x6a2, GP, GP },
	{ 0x6a4, 0x6a8, GP, GP },
	{ MSR_TSC_DEADLINE, 0x6e1, GP, GP }, /* CPUID has no such timer; PKRS */
	{ X2APIC_MSR(0x000), X2APIC_MSR(0x010), GP, GP },
	{ X2APIC_MSR(0x040), X2APIC_MSR(0x070), GP, GP },
	{ X2APIC_MSR(APIC_TPR), X2APIC_MSR(0x0c0), N, N }, /* TPR, PPR, EOI */
	{ X2APIC_MSR(0x0e0), X2APIC_MSR(0x0e0), N, N },
	{ X2APIC_MSR(0x100), X2APIC_MSR(0x270), N, N }, /* ISR, TMR, IRR */
	{ X2APIC_MSR(0x290), X2APIC_MSR(0x2e0), GP, GP },
	{ X2APIC_MSR(0x310), X2APIC_MSR(0x310), GP, GP },
	{ X2APIC_MSR(0x3f0), X2APIC_MSR(0x3f0), N, N }, /* self IPI */
	{ X2APIC_MSR(0x400), MSR_X2APIC_LAST, GP, GP },
	{ 0x981, 0x98a, GP, GP },   /* memory encryption, user interrupts */
	{ 0xc80, 0xc80, N, VE },    /* DEBUG_INTERFACE */
	{ 0xd90, 0xd90, GP, GP },   /* BNDCFGS */
	{ 0xd93, 0xd93, GP, GP },   /* PASID */
	{ MSR_XSS, MSR_XSS, N, N }, /* writes are checked */
	{ 0x1200, 0x12ff, GP, GP }, /* last branch records */
	{ 0x14ce, 0x14cf, GP, GP },
	{ 0x1500, 0x16ff, GP, GP },
	{ 0x1b01, 0x1b01, N, N },      /* UARCH_MISC_CTL */
	{ MSR_EFER, MSR_LSTAR, N, N }, /* EFER: writes are checked */
	{ MSR_SFMASK, MSR_SFMASK, N, N },
	{ MSR_FS_BASE, MSR_TSC_AUX, N, N },
};

/*
 * Free of RDCL, L1TF, MDS, PSCHANGE, TAA, SBDR, FBSDP, PSDP, BHI and RFDS, so that a guest
 * mitigates nothing; not IBRS_ALL, which would have it write SPEC_CTRL, that an emulated processor
 * lacks.
 */
#define ARCH_CAPABILITIES (0x0810e169 | ARCH_CAP_XAPIC_DISABLE)

#define MISC_ENABLE 0x1801 /* fast strings; no BTS, no PEBS */

#define DEBUGCTL_KNOWN 0x3fc7 /* not FREEZE_WHILE_SMM, nor RTM */
#define DEBUGCTL_TR    BIT(6)
#define DEBUGCTL_BTS   BIT(7)

#define XSS_MASK   U64_C(0x1d900) /* PT, CET, UINTR, LBR, HWP */
#define XFAM_PKRU  BIT(9)
#define XFAM_CET   (BIT(11) | BIT(12))
#define XFAM_UINTR BIT(14)

#define CR4_CET   BIT(23)
#define CR4_NEVER (BIT(19) | BIT(24) | BIT(27)) /* KL, PKS, LASS */
#define CR4_UINTR BIT(25)

static enum tdx_register_action look_up(u32 msr, bool write)
{
	for (size_t i = 0; i < array_count(ranges) && ranges[i].first <= msr; i++)
		if (msr <= ranges[i].last)
			return write ? ranges[i].write : ranges[i].read;
	return VE;
}

enum tdx_register_action tdx_msr_read(u32 msr, u64 *value)
{
	*value = 0;
	if (msr == MSR_ARCH_CAPABILITIES)
		*value = ARCH_CAPABILITIES;
	else if (msr == MSR_XAPIC_DISABLE_STATUS)
		*value = LEGACY_XAPIC_DISABLED;
	else if (msr == MSR_MISC_ENABLE)
		*value = MISC_ENABLE;
	return look_up(msr, false);
}

/* Of EFER only SCE is the guest's; LMA is the processor's. */
static enum tdx_register_action write_efer(u64 value, u64 efer)
{
	return (value ^ efer) & ~(u64)(EFER_SCE | EFER_LMA) ? VE : N;
}

static enum tdx_register_action write_debugctl(u64 value)
{
	if (value & ~(u64)DEBUGCTL_KNOWN)
		return GP;
	return value & DEBUGCTL_TR && !(value & DEBUGCTL_BTS) ? VE : N;
}

enum tdx_register_action tdx_msr_write(const struct tdx_td *td, u32 msr, u64 value, u64 efer)
{
	switch (msr) {
	case MSR_EFER: return write_efer(value, efer);
	case MSR_DEBUGCTL: return write_debugctl(value);
	case MSR_XSS: return value & ~(td->info.xfam & XSS_MASK) ? GP : N;
	default: return look_up(msr, true);
	}
}

enum tdx_register_action tdx_cr0_write(u64 value)
{
	if (value >> 32 || !(value & CR0_NE) || (value & CR0_PG && !(value & CR0_PE)))
		return GP;
	return !(value & CR0_PE) || value & (CR0_NW | CR0_CD) ? VE : N;
}

enum tdx_register_action tdx_cr4_write(const struct tdx_td *td, u64 value)
{
	u64 xfam = td->info.xfam;

	if (value & CR4_NEVER || (value & CR4_PKE && !(xfam & XFAM_PKRU)) ||
	    (value & CR4_CET && (xfam & XFAM_CET) != XFAM_CET) ||
	    (value & CR4_UINTR && !(xfam & XFAM_UINTR)))
		return GP;
	return !(value & TDX_CR4_FIXED_1) || value & TDX_CR4_FIXED_0 ? VE : N;
}

enum tdx_register_action tdx_instruction(u32 reason)
{
	switch (reason) {
	case VMX_EXIT_HLT:
	case VMX_EXIT_INVD:
	case VMX_EXIT_IO:
	case VMX_EXIT_MONITOR: /* these two exit where CPUID has neither, and only there */
	case VMX_EXIT_MWAIT:
	case VMX_EXIT_VMCALL:
	case VMX_EXIT_WBINVD: return VE;
	case VMX_EXIT_RDPMC: return GP;
	default: return TDX_REGISTER_UD; /* PCONFIG among them: CPUID has none */
	}
}
