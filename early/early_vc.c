/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPUID for the early #VC, and what stands in for the TSC.
 */
#include "early/early_vc.h"

#include "abi/sev.h"
#include "early/entry.h"
#include "early/ghcb_msr.h"
#include "early/launch_pages.h"
#include "early/platform.h"
#include "early/snp_cpuid.h"
#include "lib/compiler.h"

static bool seen __ro_after_init;

bool early_vc_is_seen(void) { return seen; }

bool early_vc_may_come(void)
{
	return entry_record.sev_status & SEV_STATUS_SEV_ES || (!entry_record.tdx && !platform.name);
}

/* GHCB 2.3.1: the MSR protocol cannot express a sub-leaf. */
static int cpuid_by_msr(u32 leaf, u32 subleaf, struct cpuid_regs *regs)
{
	if (subleaf || ghcb_msr_cpuid(leaf, GHCB_CPUID_REG_EAX, &regs->eax) ||
	    ghcb_msr_cpuid(leaf, GHCB_CPUID_REG_EBX, &regs->ebx) ||
	    ghcb_msr_cpuid(leaf, GHCB_CPUID_REG_ECX, &regs->ecx) ||
	    ghcb_msr_cpuid(leaf, GHCB_CPUID_REG_EDX, &regs->edx))
		return -E_IO;
	return 0;
}

u64 snp_cpuid_xcr0(void) { return xgetbv(0); }

u64 snp_cpuid_xss(void) { return 0; }

/* A page that is wrong is not used here; the set-up of the platform ends the boot for it. */
static int cpuid_early(u32 leaf, u32 subleaf, struct cpuid_regs *regs)
{
	if (snp_cpuid_page_error(&launch_cpuid_page))
		return cpuid_by_msr(leaf, subleaf, regs);
	return snp_cpuid_here(leaf, subleaf, cpuid_by_msr, regs);
}

static void take_cpuid(struct trap_frame *frame)
{
	struct cpuid_regs regs;

	if (cpuid_early((u32)frame->rax, (u32)frame->rcx, &regs))
		ghcb_terminate(TERM_CPUID);
	trap_frame_set_cpuid(frame, &regs);
}

/* The MSR protocol has no TSC. Only the timeline reads it so early, and knows what 0 is. */
/* With Secure TSC no host may stand in for it: APM2 15.36.18. */
static void take_rdtsc(struct trap_frame *frame)
{
	if (entry_record.sev_status & SEV_STATUS_SECURE_TSC)
		ghcb_terminate(TERM_CLOCK);
	frame->rax = frame->rdx = 0;
}

static const struct {
	u64 code;
	u16 opcode;
	void (*take)(struct trap_frame *frame);
} exits[] = {
	{ SVM_EXIT_CPUID, 0xa20f, take_cpuid },
	{ SVM_EXIT_RDTSC, 0x310f, take_rdtsc },
};

/* A host can raise it anywhere: the bytes decide whether it may be. */
void early_vc(struct trap_frame *frame)
{
	size_t i = 0;

	seen = true;
	while (i < array_count(exits) && exits[i].code != frame->error_code)
		i++;
	if (i == array_count(exits))
		ghcb_terminate(TERM_UNSUPPORTED_VC);
	if (*(const u16 *)(uintptr_t)frame->rip != exits[i].opcode)
		ghcb_terminate(TERM_DECODE);
	exits[i].take(frame);
	frame->rip += sizeof(u16);
}
