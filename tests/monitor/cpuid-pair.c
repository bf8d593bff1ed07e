/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's CPUID, looked up in the page that the monitor launched it with, is the same in every
 * leaf as the monitor's answer to a CPUID exit of that processor in that state; a processor that
 * cannot compact XSAVE shows the guest none.
 * RUN: %monitor-cc %s %root/early/snp_cpuid.c %root/lib/format.c -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "abi/x86.h"
#include "monitor/hardware/cpuid.h"
#include "early/snp_cpuid.h"

#define SNP_EAX (CPUID_SEV_EAX_SEV | CPUID_SEV_EAX_SEV_ES | CPUID_SEV_EAX_SEV_SNP)

/* An EPYC with 4 processors; XSAVE's states are x87, SSE, AVX and PKRU. */
static u32 xstate_forms;

static struct cpuid_values raw_xstate(u32 subleaf)
{
	switch (subleaf) {
	case 0: return (struct cpuid_values){ 0x207, 0x340, 0x988, 0 };
	case 1: return (struct cpuid_values){ xstate_forms, 0x340, 0, 0 };
	case 2: return (struct cpuid_values){ 0x100, 0x240, 0, 0 };
	case 9: return (struct cpuid_values){ 0x8, 0x980, 0, 0 };
	default: return (struct cpuid_values){ 0 };
	}
}

static struct cpuid_values raw_cpu(void *context, u32 leaf, u32 subleaf)
{
	(void)context;
	switch (leaf) {
	case 0x0: return (struct cpuid_values){ 0xd, 0x68747541, 0x444d4163, 0x69746e65 };
	case 0x1: return (struct cpuid_values){ 0x800f12, 0x00040800, 0xfef83203, 0x178bfbff };
	case 0x7:
		return subleaf ? (struct cpuid_values){ 0 }
			       : (struct cpuid_values){ 0, 0x209c01a9, 0x00410604, 0 };
	case 0xb:
		return (struct cpuid_values){ subleaf * 2, 1 + subleaf * 3,
					      (subleaf + 1) << 8 | subleaf, 0 };
	case 0xd: return raw_xstate(subleaf);
	case 0x80000000: return (struct cpuid_values){ 0x8000001e, 1, 2, 3 };
	case 0x80000001: return (struct cpuid_values){ 0x800f12, 0, 0x4003f7, 0x2fd3fbff };
	case 0x80000008: return (struct cpuid_values){ 0x3934, 0, 3, 0 };
	case 0x8000001d:
		return subleaf < 4 ? (struct cpuid_values){ 0x121 + subleaf, 0x1c0003f, 0x3f, 1 }
				   : (struct cpuid_values){ 0 };
	case 0x8000001e: return (struct cpuid_values){ 0, 0x100, 0, 0 };
	default:
		return leaf <= 0xd || leaf >> 31 ? (struct cpuid_values){ leaf, ~leaf, 1, 2 }
						 : (struct cpuid_values){ 0 };
	}
}

static struct cpuid_model model;
static struct snp_cpuid_page page;
static struct cpuid_cpu cpu;
static unsigned int exits;

static int host(u32 leaf, u32 subleaf, struct cpuid_regs *regs)
{
	struct cpuid_values v = cpuid_get(&model, &cpu, leaf, subleaf);

	exits++;
	*regs = (struct cpuid_regs){ v.eax, v.ebx, v.ecx, v.edx };
	return 0;
}

static u64 xcr0(void) { return cpu.xcr0; }
static u64 xss(void) { return cpu.xss; }

static void launch(u32 forms)
{
	xstate_forms = forms;
	cpuid_model_init(&model, raw_cpu, NULL, SNP_EAX, 51, 4);
	assert(!cpuid_page_build(&model, &page));
	assert(!snp_cpuid_page_error(&page));
}

static void compare(u32 leaf, u32 subleaf)
{
	const struct snp_cpuid_context context = { &page, cpu.cr4, xcr0, xss, host };
	struct cpuid_values v = cpuid_get(&model, &cpu, leaf, subleaf);
	struct cpuid_regs r;

	assert(!snp_cpuid(&context, leaf, subleaf, &r));
	if (r.eax != v.eax || r.ebx != v.ebx || r.ecx != v.ecx || r.edx != v.edx) {
		fprintf(stderr, "%#x.%u: the page %x %x %x %x, an exit %x %x %x %x\n", leaf,
			subleaf, r.eax, r.ebx, r.ecx, r.edx, v.eax, v.ebx, v.ecx, v.edx);
		assert(!"equal");
	}
}

static void compare_range(u32 first, u32 count)
{
	for (u32 leaf = first; leaf < first + count; leaf++) {
		compare(leaf, 0);
		compare(leaf, 1);
		/* past its levels 0xB repeats the sub-leaf's number, which is not in the page */
		for (u32 subleaf = 2; leaf != 0xb && subleaf < 64; subleaf++)
			compare(leaf, subleaf);
	}
}

static void compare_all(void)
{
	compare_range(0, 0x24);
	compare_range(0x40000000, 4);
	compare_range(0x40000100, 2);
	compare_range(0x80000000, 0x30);
}

static void test_states(const u64 *xcr0s, unsigned int count, u64 osxsave)
{
	for (u32 id = 0; id < 4; id++)
		for (unsigned int i = 0; i < count; i++) {
			cpu = (struct cpuid_cpu){ .apic_id = id, .cr4 = osxsave, .xcr0 = xcr0s[i] };
			compare_all();
		}
}

int main(void)
{
	const u64 xcr0s[] = { 1, 3, 7, 0x207 };
	const struct snp_cpuid_context context = { &page, 0, xcr0, xss, host };
	struct cpuid_regs r;

	launch(0xf);
	test_states(xcr0s, 1, 0);
	test_states(xcr0s, 4, CR4_OSXSAVE);
	launch(1); /* TCG: no compacted form */
	test_states(xcr0s, 1, 0);
	assert(!snp_cpuid(&context, 1, 0, &r) && !(r.ecx & BIT(26)) && !(r.ecx & BIT(28)));
	/* most leaves need no exit */
	exits = 0;
	assert(!snp_cpuid(&context, 0x80000001, 0, &r) && !snp_cpuid(&context, 7, 0, &r));
	assert(exits == 0);
	return 0;
}
