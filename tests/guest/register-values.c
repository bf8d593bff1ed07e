/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a register refuses is #GP, on any kind of guest, and what it ignores reads as 0: reserved
 * bits and features of CR4 that CPUID does not show, CR0 and CR3, the MSRs that a processor keeps,
 * EFER, XCR0, the banks of machine check. What it takes it keeps. DR4 and DR5 are DR6 and DR7, or
 * with CR4.DE #UD.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mode=emulate %t | FileCheck %s --check-prefixes=CHECK,AMD
 * RUN: %run-guest --platform=kvm --mode=emulate --vendor=intel %t | \
 * RUN:   FileCheck %s --check-prefixes=CHECK,INTEL
 * RUN: %run-guest --platform=sev %t | FileCheck %s --check-prefixes=CHECK,AMD
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s --check-prefixes=CHECK,AMD
 * RUN: %run-guest --platform=snp %t | FileCheck %s --check-prefixes=CHECK,AMD
 * RUN: %run-guest --platform=tdx %t | FileCheck %s --check-prefixes=CHECK,INTEL
 *
 * CHECK: cr4: wrong 0
 * CHECK-NEXT: cr0: wrong 0
 * CHECK-NEXT: lmsw: wrong 0
 * CHECK-NEXT: cr3: wrong 0
 * CHECK-NEXT: bases: wrong 0
 * CHECK-NEXT: pat: wrong 0
 * AMD-NEXT: sfmask: 0xffffffff, sysenter refused 0
 * INTEL-NEXT: sfmask: refused, sysenter refused 2
 * CHECK-NEXT: efer: wrong 0
 * CHECK-NEXT: xcr0: wrong 0
 * CHECK-NEXT: machine check: wrong 0
 * CHECK-NEXT: dr4, dr5: wrong 0, with DE 0
 */
#include <stdio.h>

#include "abi/x86.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/extable.h"
#include "paravirt/pv_ops.h"

/* The error code of #GP is 0; other faults would show. */
#define IS_GP(fault) ((fault) == (EXTABLE_FAULT | VEC_GP))
#define IS_UD(fault) ((fault) == (EXTABLE_FAULT | VEC_UD))

#define CR4_DE    BIT(3)
#define DR7_RESET 0x400

#define WRITE_CR(n)                                                                                \
	static u64 cr##n##_safe(u64 value)                                                         \
	{                                                                                          \
		u64 fault = 0;                                                                     \
                                                                                                   \
		__asm__ volatile("1: mov %1, %%cr" #n "\n\t2:\n\t" EXTABLE("1b", "2b")             \
				 : "+a"(fault)                                                     \
				 : "r"(value)                                                      \
				 : "memory");                                                      \
		return fault;                                                                      \
	}

WRITE_CR(0)
WRITE_CR(3)
WRITE_CR(4)

static u64 xsetbv_safe(u32 index, u64 value)
{
	u64 rax = (u32)value;

	__asm__ volatile("1: xsetbv\n\t2:\n\t" EXTABLE("1b", "2b")
			 : "+a"(rax)
			 : "c"(index), "d"((u32)(value >> 32)));
	return rax;
}

static void test_cr4(void)
{
	const u64 own = read_cr4();
	struct cpuid_regs features = pv_cpuid(CPUID_FEATURES, 0);
	struct cpuid_regs structured = pv_cpuid(CPUID_STRUCTURED, 0);
	/* By bit number: what has to be offered. */
	const struct {
		unsigned int bit;
		bool offered;
	} bits[] = {
		{ 11, structured.ecx & BIT(2) },
		{ 12, false },
		{ 15, false },
		{ 16, structured.ebx & BIT(0) },
		{ 17, features.ecx & BIT(17) },
		{ 18, features.ecx & BIT(26) },
		{ 20, structured.ebx & BIT(7) },
		{ 21, structured.ebx & BIT(20) },
		{ 22, structured.ecx & BIT(3) },
		{ 26, false },
		{ 28, false },
		{ 31, false },
		{ 32, false },
		{ 63, false },
	};
	int wrong = 0;

	for (size_t i = 0; i < array_count(bits); i++) {
		u64 value = own | BIT(bits[i].bit), fault = cr4_safe(value);

		wrong += bits[i].offered ? fault != 0 || read_cr4() != value
					 : !IS_GP(fault) || read_cr4() != own;
		write_cr4(own);
	}
	wrong += !IS_GP(cr4_safe(own & ~(u64)CR4_PAE)); /* in long mode */
	printf("cr4: wrong %d\n", wrong);
}

static void test_cr0(void)
{
	const u64 own = read_cr0();
	int wrong = 0;

	wrong += !IS_GP(cr0_safe((own ^ CR0_AM) | BIT(32)));
	wrong += !IS_GP(cr0_safe(own & ~(u64)CR0_PE));
	wrong += !IS_GP(cr0_safe(own & ~(u64)CR0_PG)); /* in 64-bit code */
	wrong += read_cr0() != own;
	printf("cr0: wrong %d\n", wrong);
}

static void lmsw(const u16 *word) { __asm__ volatile("lmsw %0" : : "m"(*word) : "memory"); }

/* It changes the four lowest bits alone and clears no PE; what comes next is still looked at. */
static void test_lmsw(void)
{
	const u64 own = read_cr0();
	const u16 words[] = { (u16)own ^ CR0_EM, (u16)(own & ~(u64)CR0_PE), 0xfff7 & (u16)own };
	int wrong = 0;

	for (size_t i = 0; i < array_count(words); i++) {
		u64 value = (own & ~U64_C(0xe)) | (words[i] & 0xe);

		__asm__ volatile("lmsw %w0" : : "r"((u32)words[i]) : "memory");
		wrong += read_cr0() != value;
		write_cr0(own);
		lmsw(&words[i]);
		wrong += read_cr0() != value;
		write_cr0(own);
		wrong += !IS_GP(cr0_safe(own & ~(u64)CR0_PG));
	}
	printf("lmsw: wrong %d\n", wrong);
}

static void test_cr3(void)
{
	const u64 own = read_cr3();
	int wrong = 0;

	for (int i = 0; i < 200; i++)
		wrong += !IS_GP(cr3_safe(own | BIT(63)));
	wrong += !IS_GP(cr3_safe(own | BIT(52))) || read_cr3() != own || cr3_safe(own);
	printf("cr3: wrong %d\n", wrong);
}

static int takes(u32 msr, u64 value)
{
	u64 before = rdmsr(msr), after;
	int fault = wrmsr_safe(msr, value);

	after = rdmsr(msr);
	if (!fault)
		wrmsr(msr, before);
	return fault ? after != before : after == value;
}

static bool refuses(u32 msr, u64 value)
{
	u64 before = rdmsr(msr);
	int fault = wrmsr_safe(msr, value);

	if (!fault)
		wrmsr(msr, before);
	return IS_GP((u64)fault) || (fault & 0xff) == VEC_GP;
}

static void test_bases(void)
{
	static const u32 msrs[] = { MSR_LSTAR, MSR_CSTAR, MSR_FS_BASE, MSR_KERNEL_GS_BASE };
	const u64 gs = rdmsr(MSR_GS_BASE);
	int wrong = 0;

	for (size_t i = 0; i < array_count(msrs); i++) {
		wrong += !takes(msrs[i], 0x7fffffffffff) ||
			 !takes(msrs[i], U64_C(0xffff800000000000));
		wrong += !refuses(msrs[i], BIT(47)) || !refuses(msrs[i], BIT(63));
		wrong += !refuses(msrs[i], U64_C(0xffff7fffffffffff));
	}
	wrong += !refuses(MSR_GS_BASE, BIT(47)) || rdmsr(MSR_GS_BASE) != gs;
	printf("bases: wrong %d\n", wrong);
}

static void test_pat(void)
{
	int wrong = !takes(MSR_PAT, U64_C(0x0001040506070001));

	for (unsigned int i = 0; i < 64; i += 8)
		wrong += !refuses(MSR_PAT, U64_C(2) << i) + !refuses(MSR_PAT, U64_C(3) << i) +
			 !refuses(MSR_PAT, U64_C(8) << i);
	printf("pat: wrong %d\n", wrong);
}

static void test_vendor(void)
{
	u64 before = rdmsr(MSR_SFMASK);
	int refused = refuses(MSR_SYSENTER_ESP, BIT(63)) + refuses(MSR_SYSENTER_EIP, BIT(47));

	if (wrmsr_safe(MSR_SFMASK, ~U64_C(0)))
		printf("sfmask: refused, ");
	else
		printf("sfmask: %#lx, ", rdmsr(MSR_SFMASK));
	wrmsr(MSR_SFMASK, before);
	printf("sysenter refused %d\n", refused);
}

/* A TD's EFER is the module's: #VE, which the host answers by #GP. */
static void test_efer(void)
{
	static const unsigned int reserved[] = { 1, 9, 13, 14, 15, 21, 32, 63 };
	u64 own = rdmsr(MSR_EFER);
	int wrong = 0;

	for (size_t i = 0; i < array_count(reserved); i++)
		wrong += !refuses(MSR_EFER, own | BIT(reserved[i])) || rdmsr(MSR_EFER) != own;
	wrong += !refuses(MSR_EFER, own & ~(u64)EFER_LME); /* while paging is on */
	printf("efer: wrong %d\n", wrong);
}

static void test_xcr0(void)
{
	u64 supported = pv_cpuid(CPUID_XSTATE, 0).eax, own;
	int wrong = 0;

	if (!(pv_cpuid(CPUID_FEATURES, 0).ecx & BIT(26))) {
		printf("xcr0: wrong %d\n", 0);
		return;
	}
	write_cr4(read_cr4() | CR4_OSXSAVE);
	own = xgetbv(0);
	for (unsigned int i = 0; i < 64; i++) {
		u64 value = own | BIT(i);

		if (supported & BIT(i))
			continue;
		wrong += !IS_GP(xsetbv_safe(0, value)) || xgetbv(0) != own;
	}
	wrong += !IS_GP(xsetbv_safe(0, own & ~U64_C(1))) || !IS_GP(xsetbv_safe(1, own));
	if (supported & 4)
		wrong += !IS_GP(xsetbv_safe(0, 5)) || (u32)xsetbv_safe(0, 7) != 7 || xgetbv(0) != 7;
	printf("xcr0: wrong %d\n", wrong);
}

/* Banks that there are, and those that there could be. */
static void test_machine_check(void)
{
	u32 end = MSR_MC0_CTL + (rdmsr(MSR_MCG_CAP) & MCG_CAP_COUNT) * MSR_MC_EACH, msr;
	bool has_hwcr = !wrmsr_safe(MSR_HWCR, 0);
	u64 value;
	int wrong = !takes(MSR_MCG_CTL, ~U64_C(0)) + !refuses(MSR_MCG_CTL, 1);

	for (msr = MSR_MC0_CTL; msr < end; msr += MSR_MC_EACH) {
		wrong += !takes(msr, 0) + !takes(msr, ~U64_C(0)) + !refuses(msr, BIT(5));
		wrong += !takes(msr + 1, 0) + !refuses(msr + 1, 1);
		if (has_hwcr)
			wrmsr(MSR_HWCR, BIT(18)); /* McStatusWrEn */
		wrong += has_hwcr && !takes(msr + 1, BIT(63));
		if (has_hwcr)
			wrmsr(MSR_HWCR, 0);
		wrong += !takes(msr + 2, BIT(63)) + !takes(msr + 3, 1);
	}
	for (; msr < MSR_MC_END; msr++)
		wrong += !rdmsr_safe(msr, &value) + !wrmsr_safe(msr, 0);
	printf("machine check: wrong %d\n", wrong);
}

#define READ_DR(n)                                                                                 \
	static u64 read_dr##n##_safe(void)                                                         \
	{                                                                                          \
		u64 value = 0;                                                                     \
                                                                                                   \
		__asm__ volatile("1: mov %%dr" #n ", %0\n\t2:\n\t" EXTABLE("1b", "2b")             \
				 : "+a"(value));                                                   \
		return value;                                                                      \
	}
#define WRITE_DR(n)                                                                                \
	static u64 write_dr##n##_safe(u64 value)                                                   \
	{                                                                                          \
		u64 fault = 0;                                                                     \
                                                                                                   \
		__asm__ volatile("1: mov %1, %%dr" #n "\n\t2:\n\t" EXTABLE("1b", "2b")             \
				 : "+a"(fault)                                                     \
				 : "r"(value));                                                    \
		return fault;                                                                      \
	}

READ_DR(4)
READ_DR(5)
READ_DR(6)
READ_DR(7)
WRITE_DR(4)
WRITE_DR(5)

/* APM2 13.1.1.2; a host that keeps an SNP guest's DR7 is asked for that name of it alone. */
static void test_debug_registers(void)
{
	u64 cr4 = read_cr4() & ~(u64)CR4_DE, dr6 = read_dr6_safe();
	int wrong = 0, with_de = 0;

	write_cr4(cr4);
	wrong += !!write_dr4_safe(dr6 | DR6_BS);
	wrong += read_dr6_safe() != (dr6 | DR6_BS) || read_dr4_safe() != (dr6 | DR6_BS);
	wrong += !!write_dr4_safe(dr6);
	wrong += read_dr5_safe() != DR7_RESET || !!write_dr5_safe(DR7_RESET);
	wrong += read_dr7_safe() != DR7_RESET;
	write_cr4(cr4 | CR4_DE);
	with_de += !IS_UD(read_dr4_safe()) + !IS_UD(read_dr5_safe());
	with_de += !IS_UD(write_dr4_safe(dr6)) + !IS_UD(write_dr5_safe(DR7_RESET));
	write_cr4(cr4);
	printf("dr4, dr5: wrong %d, with DE %d\n", wrong, with_de);
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	test_cr4();
	test_cr0();
	test_lmsw();
	test_cr3();
	test_bases();
	test_pat();
	test_vendor();
	test_efer();
	test_xcr0();
	test_machine_check();
	test_debug_registers();
	return 0;
}

DEFINE_WORKLOAD("test", "writes registers", test);
