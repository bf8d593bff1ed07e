/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See vmcb.h. Both permission maps start with everything intercepted. MSR map: APM2 15.11;
 * I/O map: APM2 15.10.1.
 */
#include "monitor/svm/vmcb.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/string.h"
#include "monitor/machine/end.h"
#include "monitor/machine/memory.h"
#include "monitor/machine/options.h"
#include "monitor/svm/host_ops.h"
#include "monitor/svm/hardware_ops.h"

/* State that hardware keeps for the guest: free of intercepts on every platform. */
static const u32 open_msrs[] = {
	MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP,   MSR_PAT,
	MSR_STAR,        MSR_LSTAR,        MSR_CSTAR,          MSR_SFMASK,
	MSR_FS_BASE,     MSR_GS_BASE,      MSR_KERNEL_GS_BASE,
};

/* ... but for writes whose values the processor below does not look at: hardware/msr.c. */
static const u32 checked_msrs[] = {
	MSR_SYSENTER_ESP, MSR_SYSENTER_EIP, MSR_PAT,     MSR_LSTAR,          MSR_CSTAR,
	MSR_SFMASK,       MSR_FS_BASE,      MSR_GS_BASE, MSR_KERNEL_GS_BASE,
};

/* CR8 since the APIC has to know it at once, and since with V_IRQ QEMU's own aborts QEMU. */
static const u16 always_intercepted[] = {
	VMCB_INTERCEPT_INTR,        VMCB_INTERCEPT_NMI,         VMCB_INTERCEPT_RDPMC,
	VMCB_INTERCEPT_CPUID,       VMCB_INTERCEPT_INVD,        VMCB_INTERCEPT_HLT,
	VMCB_INTERCEPT_INVLPGA,     VMCB_INTERCEPT_IOIO,        VMCB_INTERCEPT_MSR,
	VMCB_INTERCEPT_SHUTDOWN,    VMCB_INTERCEPT_VMRUN,       VMCB_INTERCEPT_VMMCALL,
	VMCB_INTERCEPT_VMLOAD,      VMCB_INTERCEPT_VMSAVE,      VMCB_INTERCEPT_STGI,
	VMCB_INTERCEPT_CLGI,        VMCB_INTERCEPT_SKINIT,      VMCB_INTERCEPT_WBINVD,
	VMCB_INTERCEPT_MONITOR,     VMCB_INTERCEPT_MWAIT,       VMCB_INTERCEPT_EXCEPTION(VEC_UD),
	VMCB_INTERCEPT_XSETBV,      VMCB_INTERCEPT_CR_WRITE(4), VMCB_INTERCEPT_CR0_SEL_WRITE,
	VMCB_INTERCEPT_CR_WRITE(8),
};

static u8 *msrpm, *iopm; /* one for all processors */

#define MSRPM_WRITE 2
#define MSRPM_BOTH  3

static void msrpm_set(u8 *map, u32 msr, unsigned int bits)
{
	u8 *byte = &map[msrpm_byte(msr)];

	*byte &= (u8) ~(MSRPM_BOTH << msrpm_shift(msr));
	*byte |= (u8)(bits << msrpm_shift(msr));
}

static u8 *msrpm_new(void)
{
	u8 *map = memory_alloc(MSRPM_SIZE);

	memset(map, 0xff, MSRPM_SIZE);
	for (unsigned int i = 0; i < array_count(open_msrs); i++)
		msrpm_set(map, open_msrs[i], 0);
	for (unsigned int i = 0; i < array_count(checked_msrs); i++)
		msrpm_set(map, checked_msrs[i], MSRPM_WRITE);
	return map;
}

/* A guest that has the ports has them but for those at which the host must act first. */
static u8 *iopm_new(void)
{
	u8 *map = memory_alloc(IOPM_SIZE);

	if (guest.hardware->has_ports)
		guest.host->close_ports(map);
	else
		memset(map, 0xff, IOPM_SIZE);
	return map;
}

void vmcb_init(struct vcpu *v)
{
	struct vmcb_control_area *c = &v->vmcb->control;

	memset(v->vmcb, 0, sizeof(*v->vmcb));
	for (unsigned int i = 0; i < array_count(always_intercepted); i++)
		vmcb_intercept(v->vmcb, always_intercepted[i], true);
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_RDTSC, guest.intercept_rdtsc);
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_RDTSCP, guest.intercept_rdtsc);
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_PAUSE, guest.holds_interrupts);
	c->tsc_offset = v->tsc_moved;       /* INIT leaves it */
	guest.hardware->intercept(v->vmcb); /* which has an offset of its own with Secure TSC */
	if (!msrpm) {
		msrpm = msrpm_new();
		iopm = iopm_new();
	}
	c->msrpm_base_pa = (u64)msrpm;
	c->iopm_base_pa = (u64)iopm;
	c->asid = v->npt->asid;
	c->int_ctl = VMCB_V_INTR_MASKING | v->tpr; /* as the APIC has it */
	c->nested_ctl = VMCB_NESTED_PAGING;
	v->host_if = !guest.holds_interrupts;
	v->own_time = guest.own_time;
}

u64 vcpu_tsc(const struct vcpu *v)
{
	if (guest.inject[INJECT_TSC_STUCK] >= 0)
		return (u64)guest.inject[INJECT_TSC_STUCK];
	return (v->own_time ? v->left_tsc : rdtsc()) + v->vmcb->control.tsc_offset;
}

void vcpu_tsc_write(struct vcpu *v, u64 tsc)
{
	u64 by = tsc - vcpu_tsc(v);

	v->vmcb->control.tsc_offset += by;
	v->tsc_moved += by;
}
