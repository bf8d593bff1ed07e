/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPUID of an SNP guest: from the page that the firmware vouched for, completed with what depends
 * on the processor's state or is the hypervisor's to say. Pure, for its test.
 * Spec: SNP-FW (CPUID page), APM3 appendix E.
 */
#pragma once

#include "abi/sev.h"
#include "early/launch_pages.h"
#include "lib/cpu.h"
#include "lib/errno.h"

/* What the asking processor has, and how to ask the hypervisor (0, or a negative code). */
struct snp_cpuid_context {
	const struct snp_cpuid_page *page;
	u64 cr4;
	u64 (*xcr0)(void); /* called only with CR4.OSXSAVE */
	u64 (*xss)(void);  /* called only where leaf 0xD has XSAVES */
	int (*host)(u32 leaf, u32 subleaf, struct cpuid_regs *regs);
};

/* NULL, or what is wrong with the page. */
const char *snp_cpuid_page_error(const struct snp_cpuid_page *page);

/*
 * 0, or a negative code when the hypervisor's part cannot be had. A leaf that the page lacks is
 * all zero, as on a processor without it; only the hypervisor's own range 0x4000xxxx, which
 * nobody can vouch for, is then asked for.
 */
int must_check snp_cpuid(const struct snp_cpuid_context *context, u32 leaf, u32 subleaf,
			 struct cpuid_regs *regs);

/* The two callbacks on the processor that asks: this guest sets no bit of XSS. */
u64 snp_cpuid_xcr0(void);
u64 snp_cpuid_xss(void);

/* The same on this processor, by the launch's page. */
static inline must_check int snp_cpuid_here(u32 leaf, u32 subleaf,
					    int (*host)(u32 leaf, u32 subleaf,
							struct cpuid_regs *regs),
					    struct cpuid_regs *regs)
{
	const struct snp_cpuid_context context = {
		.page = &launch_cpuid_page,
		.cr4 = read_cr4(),
		.xcr0 = snp_cpuid_xcr0,
		.xss = snp_cpuid_xss,
		.host = host,
	};

	return snp_cpuid(&context, leaf, subleaf, regs);
}
