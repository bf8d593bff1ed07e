/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See msr_host.h. The processor itself is no judge of what exists: TCG answers 0 for an unknown MSR
 * where KVM raises #GP, so the lists below decide.
 */
#include "monitor/host/msr_host.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "monitor/hardware/msr_value.h"
#include "monitor/host/kvm.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/machine/end.h"
#include "monitor/host/state.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/tsc_deadline.h"
#include "monitor/svm/xapic.h"

#define XSTATE_XSAVES BIT(3)
#define MSR_UCODE_REV 0x8b
#define UCODE_REV     0x01000065 /* KVM's for AMD */
#define HWCR_MC_OPEN  BIT(18)    /* McStatusWrEn */

/* There are as many as MCG_CAP says. */
static bool is_bank(u32 msr)
{
	return msr >= MSR_MC0_CTL && msr < MSR_MC_END &&
	       (msr - MSR_MC0_CTL) / MSR_MC_EACH < (rdmsr(MSR_MCG_CAP) & MCG_CAP_COUNT);
}

/* The machine's own value is the guest's, both ways. */
static bool is_machine(u32 msr)
{
	return (msr >= 0x200 && msr < 0x210) || msr == 0x250 || msr == 0x258 || msr == 0x259 ||
	       (msr >= 0x268 && msr < 0x270) || msr == MSR_MTRR_DEF_TYPE ||
	       (msr >= MSR_MCG_CAP && msr <= MSR_MCG_CTL) || is_bank(msr);
}

/*
 * Registers of which KVM has a constant. tests/kvm/compare.c holds this list against KVM's own
 * answers.
 */
enum { READS = BIT(0), WRITES_IGNORED = BIT(1), BOTH = READS | WRITES_IGNORED };

static const struct constant {
	u32 first;
	u32 last;
	unsigned int does; /* what it does not do is #GP */
	u64 value;
} constants[] = {
	{ 0x0, 0x1, READS, 0 },                    /* machine check of the P5 */
	{ 0x17, 0x17, READS, 0 },                  /* PLATFORM_ID */
	{ 0x2a, 0x2a, READS, 0 },                  /* EBL_CR_POWERON */
	{ 0x2c, 0x2c, READS, BIT(24) },            /* EBC_FREQUENCY_ID */
	{ 0x34, 0x34, READS, 0 },                  /* SMI_COUNT */
	{ 0x79, 0x79, WRITES_IGNORED, 0 },         /* UCODE_WRITE */
	{ 0xc1, 0xc2, BOTH, 0 },                   /* PERFCTR of the P6 */
	{ 0xcd, 0xcd, READS, 3 },                  /* FSB_FREQ: 200 MHz */
	{ 0xce, 0xce, READS, 0 },                  /* PLATFORM_INFO: CPUID does not fault */
	{ 0x11e, 0x11e, BOTH, 0xbe702111 },        /* BBL_CR_CTL3 */
	{ 0x140, 0x140, BOTH, 0 },                 /* MISC_FEATURES_ENABLES: nor can be made to */
	{ 0x186, 0x187, BOTH, 0 },                 /* EVNTSEL of the P6 */
	{ 0x198, 0x198, READS, BIT(42) | 1000 },   /* PERF_STATUS */
	{ 0x199, 0x199, READS, 0 },                /* PERF_CTL */
	{ 0x1d9, 0x1d9, BOTH, 0 },                 /* DEBUGCTL */
	{ 0x1db, 0x1de, READS, 0 },                /* last branch */
	{ 0x606, 0x606, READS, 0 },                /* RAPL_POWER_UNIT */
	{ 0x611, 0x611, READS, 0 },                /* energy: package, */
	{ 0x619, 0x619, READS, 0 },                /* DRAM, */
	{ 0x639, 0x639, READS, 0 },                /* cores, */
	{ 0x641, 0x641, READS, 0 },                /* graphics */
	{ 0xc0010000, 0xc0010007, BOTH, 0 },       /* performance counters */
	{ 0xc0010010, 0xc0010010, READS, 0 },      /* SYSCFG */
	{ 0xc001001b, 0xc001001b, BOTH, BIT(29) }, /* CLK_CTL */
	{ 0xc001001f, 0xc001001f, BOTH, 0 },       /* NB_CFG */
	{ 0xc0010020, 0xc0010020, WRITES_IGNORED, 0 }, /* PATCH_LOADER */
	{ 0xc0010055, 0xc0010055, READS, 0 },          /* INT_PENDING */
	{ 0xc0010058, 0xc0010058, BOTH, 0 },           /* MMIO_CONF_BASE */
	{ 0xc0010112, 0xc0010113, READS, 0 },          /* TSEG */
	{ 0xc0010114, 0xc0010114, BOTH, 0 },           /* VM_CR */
	{ 0xc0010115, 0xc0010115, WRITES_IGNORED, 0 }, /* IGNNE */
	{ 0xc0010117, 0xc0010117, BOTH, 0 },           /* VM_HSAVE_PA */
	{ 0xc0011021, 0xc0011021, READS, 0 },          /* IC_CFG */
	{ 0xc0011022, 0xc0011023, BOTH, 0 },           /* DC_CFG, TW_CFG */
	{ 0xc001102a, 0xc001102a, BOTH, 0 },           /* BU_CFG2 */
	{ 0xc001102c, 0xc001102c, BOTH, 0 },           /* EX_CFG */
};

static const struct constant *find_constant(u32 msr)
{
	for (size_t i = 0; i < array_count(constants); i++) {
		if (msr >= constants[i].first && msr <= constants[i].last)
			return &constants[i];
	}
	return NULL;
}

static int constant_read(u32 msr, u64 *value)
{
	const struct constant *c = find_constant(msr);

	if (!c || !(c->does & READS))
		return -E_INVAL;
	*value = c->value;
	return 0;
}

static int constant_write(u32 msr)
{
	const struct constant *c = find_constant(msr);

	return c && c->does & WRITES_IGNORED ? 0 : -E_INVAL;
}

static bool has_xsaves(void) { return cpuid_raw(CPUID_XSTATE, 1).eax & XSTATE_XSAVES; }

int msr_host_read(struct vcpu *v, u32 msr, u64 *value)
{
	*value = 0;
	switch (msr) {
	case MSR_TSC: *value = vcpu_tsc(v); return 0;
	case MSR_TSC_AUX: *value = v->hardware->tsc_aux; return 0;
	case MSR_UCODE_REV: *value = UCODE_REV; return 0;
	case MSR_MISC_ENABLE: *value = v->host->misc_enable; return 0;
	case MSR_HWCR: *value = v->host->hwcr; return 0;
	case MSR_DE_CFG: *value = v->host->de_cfg; return 0;
	case MSR_POWER_CTL: *value = v->host->power_ctl; return 0;
	case MSR_XSS: return has_xsaves() ? 0 : -E_INVAL;
	case MSR_APIC_BASE: *value = v->apic_base; return 0;
	case MSR_MTRR_CAP: *value = rdmsr(msr); return 0;
	case MSR_TSC_DEADLINE: *value = tsc_deadline_read(v); return 0;
	default: break;
	}
	if (kvm_msr_known(msr, hardware.cpuid.kvm_features))
		return kvm_msr_read(v, msr, value);
	if (is_machine(msr))
		return rdmsr_safe(msr, value) ? -E_INVAL : 0;
	return constant_read(msr, value);
}

int msr_host_write(struct vcpu *v, u32 msr, u64 value)
{
	if (msr == MSR_TSC_AUX && guest.hardware->is_intel && value >> 32)
		return -E_INVAL;
	if (!msr_value_take(msr, cpuid_raw(CPUID_ADDRESS_SIZES, 0).eax & 0xff, &value) ||
	    !msr_value_machine_check(msr, v->host->hwcr & HWCR_MC_OPEN, value))
		return -E_INVAL;
	switch (msr) {
	case MSR_TSC:
		vcpu_tsc_write(v, value);
		kvm_tsc_moved();
		return 0;
	case MSR_TSC_AUX:
		v->hardware->tsc_aux = value;
		wrmsr(MSR_TSC_AUX, value);
		return 0;
	case MSR_UCODE_REV: return 0;
	case MSR_MISC_ENABLE:
		if ((v->host->misc_enable ^ value) & MISC_ENABLE_NO_TRACE)
			return -E_INVAL;
		v->host->misc_enable = value;
		return 0;
	case MSR_HWCR: v->host->hwcr = value; return 0;
	case MSR_DE_CFG: v->host->de_cfg = value; return 0;
	case MSR_POWER_CTL: v->host->power_ctl = value; return 0;
	case MSR_XSS: return value || !has_xsaves() ? -E_INVAL : 0;
	case MSR_MCG_CAP: return -E_INVAL;
	case MSR_APIC_BASE: return xapic_base_write(v, value);
	case MSR_TSC_DEADLINE: tsc_deadline_write(v, value); return 0;
	default: break;
	}
	if (kvm_msr_known(msr, hardware.cpuid.kvm_features))
		return kvm_msr_write(v, msr, value);
	if (is_machine(msr))
		return wrmsr_safe(msr, value) ? -E_INVAL : 0;
	return constant_write(msr);
}

int msr_host(struct vcpu *v, struct msr_access *a)
{
	int error = a->write ? msr_host_write(v, a->msr, a->value)
			     : msr_host_read(v, a->msr, &a->value);

	TRACE(v->id, MSR, "dir=%s msr=%#x value=%#lx result=%d", a->write ? "write" : "read",
	      a->msr, a->value, error);
	return error;
}
