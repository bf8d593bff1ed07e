/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each MSR access and each write of CR0 and CR4 by a TD does what the TDX module makes of it:
 * natively, as a value, #VE or #GP; the ranges of the table do not overlap.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>

#include "abi/kvm_para.h"
#include "../../monitor/hardware/tdx_msr.c"

static struct tdx_td td = { .info = { .xfam = 7 } };

static enum tdx_register_action rd(u32 msr)
{
	u64 value;

	return tdx_msr_read(msr, &value);
}

static enum tdx_register_action wr(u32 msr, u64 value)
{
	return tdx_msr_write(&td, msr, value, EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE);
}

static void test_table(void)
{
	for (size_t i = 0; i < array_count(ranges); i++) {
		assert(ranges[i].first <= ranges[i].last);
		assert(!i || ranges[i - 1].last < ranges[i].first);
		assert(rd(ranges[i].first) == ranges[i].read);
		assert(rd(ranges[i].last) == ranges[i].read);
	}
}

static void test_reads(void)
{
	u64 value;

	assert(rd(MSR_TSC) == N && rd(MSR_EFER) == N && rd(MSR_KERNEL_GS_BASE) == N);
	assert(rd(MSR_PAT) == N && rd(MSR_XSS) == N && rd(MSR_LSTAR) == N);
	assert(tdx_msr_read(MSR_ARCH_CAPABILITIES, &value) == V && value & ARCH_CAP_XAPIC_DISABLE);
	assert(!(value & BIT(1)));
	assert(tdx_msr_read(MSR_XAPIC_DISABLE_STATUS, &value) == V && value == 1);
	assert(tdx_msr_read(0x1a0, &value) == V && value & 1);
	assert(tdx_msr_read(MSR_PERF_CAPABILITIES, &value) == V && value == 0);
	/* the host's */
	assert(rd(MSR_APIC_BASE) == VE && rd(MSR_MTRR_CAP) == VE);
	assert(rd(0x8b) == VE && rd(0) == VE && rd(0x493) == VE && wr(0x493, 0) == VE);
	assert(rd(MSR_KVM_WALL_CLOCK_NEW) == VE && rd(0x40000000) == VE && rd(~0U) == VE);
	assert(rd(MSR_CSTAR) == VE && rd(0xc0010130) == VE);
	assert(rd(0x186) == GP && rd(0xc1) == GP && rd(0x560) == GP && rd(0x6a2) == GP);
}

/* MSRs of features that CPUID does not show: #GP, as if they were not there. */
static void test_absent(void)
{
	static const u32 msrs[] = { 0x87, 0x1f8, 0x1fa, MSR_TSC_DEADLINE, 0x981, 0x984 };

	for (size_t i = 0; i < array_count(msrs); i++)
		assert(rd(msrs[i]) == GP && wr(msrs[i], 0) == GP);
	assert(rd(0x1f7) == VE && rd(0x1fb) == VE && rd(0x980) == VE);
}

static void test_x2apic(void)
{
	assert(rd(X2APIC_MSR(APIC_ID)) == VE && rd(X2APIC_MSR(0x30)) == VE);
	assert(rd(X2APIC_MSR(APIC_TPR)) == N && wr(X2APIC_MSR(APIC_EOI), 0) == N);
	assert(rd(X2APIC_MSR(0x100)) == N && rd(X2APIC_MSR(0x270)) == N);
	assert(rd(X2APIC_MSR(APIC_SVR)) == VE && wr(X2APIC_MSR(APIC_ICR_LOW), 0) == VE);
	assert(wr(X2APIC_MSR(APIC_LVT_TIMER), 0) == VE && rd(X2APIC_MSR(0x280)) == VE);
	assert(rd(X2APIC_MSR(0x2f0)) == VE && rd(X2APIC_MSR(APIC_TIMER_DIVIDE)) == VE);
	assert(wr(X2APIC_MSR(0x3f0), 0) == N);
	assert(wr(X2APIC_MSR(APIC_ICR_HIGH), 0) == GP && rd(MSR_X2APIC_LAST) == GP);
	assert(rd(MSR_X2APIC_FIRST) == GP && rd(MSR_X2APIC_LAST + 1) == VE);
}

static void test_writes(void)
{
	assert(wr(MSR_TSC, 0) == VE && wr(MSR_FS_BASE, 0) == N && wr(MSR_STAR, 0) == N);
	assert(wr(MSR_ARCH_CAPABILITIES, 0) == GP && wr(0x480, 0) == GP && rd(0x480) == VE);
	assert(wr(MSR_APIC_BASE, 0) == VE && wr(MSR_KVM_STEAL_TIME, 1) == VE);
	/* EFER: SCE alone */
	assert(wr(MSR_EFER, EFER_SCE | EFER_LME | EFER_NXE) == N);
	assert(wr(MSR_EFER, EFER_LME | EFER_LMA | EFER_NXE) == N);
	assert(wr(MSR_EFER, EFER_SCE | EFER_LME) == VE);
	assert(wr(MSR_EFER, EFER_SCE | EFER_NXE) == VE);
	/* XSS: what XFAM has */
	assert(wr(MSR_XSS, 0) == N && wr(MSR_XSS, 1) == GP && wr(MSR_XSS, BIT(11)) == GP);
	td.info.xfam |= BIT(11) | BIT(12);
	assert(wr(MSR_XSS, BIT(11)) == N);
	td.info.xfam = 7;
	assert(wr(MSR_DEBUGCTL, 1) == N && wr(MSR_DEBUGCTL, BIT(3)) == GP);
	assert(wr(MSR_DEBUGCTL, BIT(6)) == VE && wr(MSR_DEBUGCTL, BIT(6) | BIT(7)) == N);
	assert(wr(MSR_DEBUGCTL, BIT(14)) == GP && wr(MSR_DEBUGCTL, BIT(15)) == GP);
}

static void test_cr0(void)
{
	const u64 usual = CR0_PE | CR0_NE | CR0_PG | CR0_WP | CR0_ET;

	assert(tdx_cr0_write(usual) == N && tdx_cr0_write(usual & ~(u64)CR0_PG) == N);
	assert(tdx_cr0_write(usual & ~(u64)CR0_NE) == GP);
	assert(tdx_cr0_write(usual & ~(u64)CR0_PE) == GP);
	assert(tdx_cr0_write(usual | BIT(32)) == GP);
	assert(tdx_cr0_write(usual & ~(u64)(CR0_PG | CR0_PE)) == VE);
	assert(tdx_cr0_write(usual | CR0_CD) == VE && tdx_cr0_write(usual | CR0_NW) == VE);
}

static void test_cr4(void)
{
	const u64 usual = CR4_MCE | CR4_PAE | CR4_OSFXSR;

	assert(tdx_cr4_write(&td, usual) == N && tdx_cr4_write(&td, usual | CR4_LA57) == N);
	assert(tdx_cr4_write(&td, usual & ~(u64)CR4_MCE) == VE);
	assert(tdx_cr4_write(&td, usual | BIT(13)) == VE);
	assert(tdx_cr4_write(&td, usual | BIT(14)) == VE);
	assert(tdx_cr4_write(&td, usual | CR4_PKE) == GP);
	assert(tdx_cr4_write(&td, usual | CR4_CET) == GP);
	assert(tdx_cr4_write(&td, usual | CR4_UINTR) == GP);
	assert(tdx_cr4_write(&td, usual | BIT(24)) == GP);
	td.info.xfam |= XFAM_PKRU | XFAM_CET | XFAM_UINTR;
	assert(tdx_cr4_write(&td, usual | CR4_PKE | CR4_CET | CR4_UINTR) == N);
	td.info.xfam = 7;
}

static void test_instructions(void)
{
	assert(tdx_instruction(VMX_EXIT_HLT) == VE && tdx_instruction(VMX_EXIT_IO) == VE);
	assert(tdx_instruction(VMX_EXIT_VMCALL) == VE && tdx_instruction(VMX_EXIT_WBINVD) == VE);
	assert(tdx_instruction(VMX_EXIT_INVD) == VE && tdx_instruction(VMX_EXIT_RDPMC) == GP);
	assert(tdx_instruction(VMX_EXIT_MONITOR) == VE && tdx_instruction(VMX_EXIT_MWAIT) == VE);
	assert(tdx_instruction(VMX_EXIT_PCONFIG) == TDX_REGISTER_UD);
	assert(tdx_instruction(27) == TDX_REGISTER_UD); /* VMXON */
}

int main(void)
{
	test_instructions();
	test_table();
	test_reads();
	test_absent();
	test_x2apic();
	test_writes();
	test_cr0();
	test_cr4();
	return 0;
}
