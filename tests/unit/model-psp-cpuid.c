/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CPUID page that promises what the processor has not comes back as it may be, and then passes;
 * what depends on the processor's state is not looked at.
 * RUN: %monitor-cc %s %root/lib/format.c -o %t
 */
#include "Inputs/psp_machine.h"

static struct snp_cpuid_page page;

/* The one entry @fn: refused, and @reg of it (0: EAX) then is @wanted. */
static void corrects(struct snp_cpuid_fn fn, unsigned int reg, u32 wanted)
{
	page = (struct snp_cpuid_page){ .count = 1, .fn = { fn } };
	assert(psp_cpuid_check(&machine, &page) == PSP_INVALID_PARAM);
	assert((&page.fn[0].eax)[reg] == wanted);
	page.fn[0].reserved = 0;
	assert(!psp_cpuid_check(&machine, &page));
}

static void passes(struct snp_cpuid_fn fn)
{
	page = (struct snp_cpuid_page){ .count = 1, .fn = { fn } };
	assert(!psp_cpuid_check(&machine, &page) && !memcmp(&page.fn[0], &fn, sizeof(fn)));
}

static struct snp_cpuid_fn real(u32 leaf, u32 subleaf)
{
	struct cpuid_values v = machine_cpuid(NULL, leaf, subleaf);

	return (struct snp_cpuid_fn){ .eax_in = leaf,
				      .ecx_in = subleaf,
				      .xcr0_in = leaf == 0xd ? 7 : 0,
				      .eax = v.eax,
				      .ebx = v.ebx,
				      .ecx = v.ecx,
				      .edx = v.edx };
}

static void test_what_is_there_passes(void)
{
	static const u32 leaves[] = {
		0, 1, 7, 0xd, 0x80000000, 0x80000001, 0x80000008, 0x8000001f
	};

	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++)
		passes(real(leaves[i], 0));
	passes(real(0xd, 1));
	passes(real(0xd, 2));
	passes(real(0x1234, 0));
}

static void test_page(void)
{
	page = (struct snp_cpuid_page){ .count = SNP_CPUID_COUNT_MAX + 1 };
	assert(psp_cpuid_check(&machine, &page) == PSP_INVALID_PARAM);
	page = (struct snp_cpuid_page){ .reserved_0x8 = 1 };
	assert(psp_cpuid_check(&machine, &page) == PSP_INVALID_PARAM);
	page = (struct snp_cpuid_page){ .count = 1, .fn = { { .reserved = 1 } } };
	assert(psp_cpuid_check(&machine, &page) == PSP_INVALID_PARAM);
	passes((struct snp_cpuid_fn){ .eax_in = 0x40000000, .eax = 1, .reserved = 1 });
	/* the one that is wrong is found behind one that is right */
	page = (struct snp_cpuid_page){ .count = 2,
					.fn = { real(7, 0), { .eax_in = 9, .edx = 1 } } };
	assert(psp_cpuid_check(&machine, &page) == PSP_INVALID_PARAM && !page.fn[1].edx);
}

static void test_registers(void)
{
	struct snp_cpuid_fn fn;

	fn = real(0, 0), fn.eax++, corrects(fn, 0, 0x10);
	fn = real(0, 0), fn.eax--, passes(fn);
	fn = real(1, 0), fn.eax += 0x10, corrects(fn, 0, 0x00a00f11); /* a newer model */
	fn = real(1, 0), fn.eax = 0x00800f12, passes(fn);             /* an older family */
	fn = real(1, 0), fn.ebx = 0xff0004ff, corrects(fn, 1, 0xff0008ff);
	fn = real(1, 0), fn.ecx |= BIT(27) | BIT(31), passes(fn);
	fn = real(1, 0), fn.ecx |= BIT(2), corrects(fn, 2, 0x76f8320b);
	fn = real(1, 0), fn.edx = 0, passes(fn);
	fn = real(7, 0), fn.ebx |= BIT(16), corrects(fn, 1, 0x209c01a9);
	fn = real(7, 0), fn.ecx |= BIT(4), passes(fn);
	fn = real(7, 1), fn.eax |= BIT(5), corrects(fn, 0, 0);
	fn = real(9, 0), fn.edx = 1, corrects(fn, 3, 0);
	fn = real(0x80000008, 0), fn.eax = 0x00003031, corrects(fn, 0, 0x00003030);
	fn = real(0x80000008, 0), fn.edx = 0x00000001, corrects(fn, 3, 0);
	fn = real(0x8000001f, 0), fn.ebx = 0x00000073, passes(fn); /* fewer VMPLs */
	fn = real(0x8000001f, 0), fn.ebx = 0x000050b3, corrects(fn, 1, 0x000040b3);
	fn = real(0x8000001f, 0), fn.ebx = 0x000040b2, corrects(fn, 1, 0x000040b3);
}

static void test_xstate(void)
{
	struct snp_cpuid_fn fn = real(0xd, 0);

	fn.eax |= BIT(9), corrects(fn, 0, 7);
	fn = real(0xd, 0), fn.eax = 0, corrects(fn, 0, 3);
	fn = real(0xd, 0), fn.xcr0_in = 1, corrects(fn, 1, 0x240);
	fn = real(0xd, 1), fn.xcr0_in = 1, fn.ebx = 0x240, passes(fn);
	fn = real(0xd, 2), fn.ebx++, corrects(fn, 1, 0x240);
	fn = real(0xd, 9), fn.eax = 8, corrects(fn, 0, 0);
}

int main(void)
{
	test_what_is_there_passes();
	test_page();
	test_registers();
	test_xstate();
	return 0;
}
