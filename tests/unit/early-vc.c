/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The early #VC: CPUID from the launch's page, or register by register from the host, who can say
 * nothing of a sub-leaf; RDTSC is 0, and with Secure TSC never the host's. What no such instruction
 * raised, or could, ends the guest.
 * RUN: %unit-cc %s %root/early/snp_cpuid.c -o %t
 */
#include <assert.h>
#include <setjmp.h>
#include <string.h>

#include "lib/cpu.h"

#define xgetbv(x)         U64_C(1)
#define read_cr4()        U64_C(0)
#define launch_cpuid_page page
#include "early/launch_pages.h"
#undef launch_cpuid_page
static struct snp_cpuid_page cpuid_page;
#define launch_cpuid_page cpuid_page
#include "../../early/early_vc.c"

struct entry_record entry_record;
struct platform platform;

static unsigned int asked, refused_reg = 4;
static unsigned int reason;
static jmp_buf end;

int ghcb_msr_cpuid(u32 leaf, unsigned int reg, u32 *value)
{
	asked++;
	*value = leaf + reg;
	return reg == refused_reg ? -E_IO : 0;
}

noreturn_t ghcb_terminate(unsigned int why)
{
	reason = why;
	longjmp(end, 1);
}

static const u8 cpuid_code[] = { 0x0f, 0xa2 }, rdtsc_code[] = { 0x0f, 0x31 };
static struct trap_frame f;

/* The reason by which it ends, 0: it does not. */
static unsigned int take(const u8 *code, u64 exit, u64 rax, u64 rcx)
{
	f = (struct trap_frame){ .rip = (u64)(uintptr_t)code, .error_code = exit };
	f.rax = rax;
	f.rcx = rcx;
	f.rdx = 0x77;
	reason = 0;
	if (!setjmp(end))
		early_vc(&f);
	assert(reason || f.rip == (u64)(uintptr_t)code + 2);
	return reason;
}

int main(void)
{
	assert(!early_vc_is_seen() && early_vc_may_come());
	assert(!take(cpuid_code, SVM_EXIT_CPUID, 1, 0) && asked == 4);
	assert(early_vc_is_seen());
	assert(f.rax == 1 && f.rbx == 2 && f.rcx == 3 && f.rdx == 4);
	assert(take(cpuid_code, SVM_EXIT_CPUID, 7, 1) == TERM_CPUID && asked == 4);
	for (refused_reg = 0; refused_reg < 4; refused_reg++)
		assert(take(cpuid_code, SVM_EXIT_CPUID, 1, 0) == TERM_CPUID);

	asked = 0;
	cpuid_page.count = 1;
	cpuid_page.fn[0] = (struct snp_cpuid_fn){ .eax_in = 0x80000008, .eax = 0x3030 };
	assert(!take(cpuid_code, SVM_EXIT_CPUID, 0x80000008, 9) && f.rax == 0x3030 && !asked);

	assert(!take(rdtsc_code, SVM_EXIT_RDTSC, 1, 0) && !f.rax && !f.rdx);
	entry_record.sev_status = SEV_STATUS_SEV_ES | SEV_STATUS_SECURE_TSC;
	assert(take(rdtsc_code, SVM_EXIT_RDTSC, 1, 0) == TERM_CLOCK);

	/* Of another instruction, or for a reason that nothing here can have. */
	assert(take(rdtsc_code, SVM_EXIT_CPUID, 1, 0) == TERM_DECODE);
	assert(take(cpuid_code, SVM_EXIT_RDTSC, 1, 0) == TERM_DECODE);
	assert(take(cpuid_code, SVM_EXIT_MSR, 1, 0) == TERM_UNSUPPORTED_VC);
	assert(take(cpuid_code, ~U64_C(0), 1, 0) == TERM_UNSUPPORTED_VC);

	platform.name = "plain";
	assert(early_vc_may_come());
	entry_record.sev_status = 0;
	assert(!early_vc_may_come()); /* no plain guest has one */
	return 0;
}
