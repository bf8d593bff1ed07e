/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPUID of an SNP guest: the page's values, completed by the hypervisor's APIC ids and by the
 * processor's own state; zeros for what the page lacks; a malformed page is refused.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../../early/snp_cpuid.c"

static struct snp_cpuid_page page;
static struct snp_cpuid_context context;
static unsigned int host_calls;

static int host(u32 leaf, u32 subleaf, struct cpuid_regs *regs)
{
	host_calls++;
	if (leaf == 0x40000001)
		*regs = (struct cpuid_regs){ 0x01, 0x02, 0x03, 0x04 };
	else
		*regs = (struct cpuid_regs){ 0xaaaaaaaa, 0xbbbbbbbb, 0xcccccccc,
					     0xd0000000 + subleaf };
	return 0;
}

static int host_refuses(u32 leaf, u32 subleaf, struct cpuid_regs *regs)
{
	(void)leaf, (void)subleaf, (void)regs;
	return -E_IO;
}

static u64 xcr0(void) { return 7; }

static u64 xss(void) { return BIT(11); }

static void add(u32 leaf, u32 subleaf, u64 xcr0_in, struct cpuid_regs r)
{
	page.fn[page.count++] = (struct snp_cpuid_fn){
		.eax_in = leaf,
		.ecx_in = subleaf,
		.xcr0_in = xcr0_in,
		.eax = r.eax,
		.ebx = r.ebx,
		.ecx = r.ecx,
		.edx = r.edx,
	};
}

static void setup(void)
{
	memset(&page, 0, sizeof(page));
	add(0, 0, 0, (struct cpuid_regs){ 0x10, 1, 2, 3 });
	add(1, 0, 0, (struct cpuid_regs){ 0x11111111, 0x00222222, 0x03333333, 0x44444044 });
	add(7, 0, 0, (struct cpuid_regs){ 0, 0x77, 0x8, 0 });
	add(0xb, 1, 0, (struct cpuid_regs){ 6, 8, 0x201, 0 });
	add(0xd, 0, 7, (struct cpuid_regs){ 7, 0xbad, 0xbad, 0 });
	add(0xd, 0, 1, (struct cpuid_regs){ 0x207, 0x240, 0x1000, 0 });
	add(0xd, 1, 1, (struct cpuid_regs){ 0xf, 0x240, 0, 0 });
	add(0xd, 2, 0, (struct cpuid_regs){ 0x100, 0x240, 0, 0 });
	add(0xd, 9, 0, (struct cpuid_regs){ 8, 0xa80, 0, 0 });
	add(0xd, 11, 0, (struct cpuid_regs){ 0x10, 0, 1, 0 });
	add(0x80000000, 0, 0, (struct cpuid_regs){ 0x8000001f, 0, 0, 0 });
	add(0x8000001e, 0, 0, (struct cpuid_regs){ 0, 0x100, 0x200, 5 });
	context = (struct snp_cpuid_context){ &page, 0, xcr0, xss, host };
	host_calls = 0;
}

static void expect(u32 leaf, u32 subleaf, u32 eax, u32 ebx, u32 ecx, u32 edx)
{
	struct cpuid_regs r;

	assert(!snp_cpuid(&context, leaf, subleaf, &r));
	if (r.eax == eax && r.ebx == ebx && r.ecx == ecx && r.edx == edx)
		return;
	printf("%#x.%u: %#x %#x %#x %#x\n", leaf, subleaf, r.eax, r.ebx, r.ecx, r.edx);
	assert(0);
}

static void test_leaves(void)
{
	setup();
	expect(0, 99, 0x10, 1, 2, 3); /* no sub-leaves: ECX does not count */
	expect(0xb, 1, 6, 8, 0x201, 0xd0000001);
	expect(0xb, 5, 0, 0, 0, 0xd0000005); /* in range, all zero on the page, and an id */
	assert(host_calls == 2);
	expect(5, 0, 0, 0, 0, 0);
	expect(0x11, 0, 0, 0, 0, 0);
	expect(0x80000020, 0, 0, 0, 0, 0);
	expect(0x20000000, 0, 0, 0, 0, 0);
	assert(host_calls == 2); /* not asked for what nobody vouches for */
	expect(0x40000001, 0, 1, 2, 3, 4);
	expect(0x8000001e, 0, 0xaaaaaaaa, 0x1bb, 0x2cc, 5);
}

static void test_state(void)
{
	setup();
	expect(1, 0, 0x11111111, 0xbb222222, 0x03333333, 0x44444044);
	expect(7, 0, 0, 0x77, 0x8, 0);
	expect(0xd, 0, 0x207, 0x240, 0x1000, 0);
	context.cr4 = CR4_OSXSAVE | CR4_PKE;
	expect(1, 0, 0x11111111, 0xbb222222, 0x0b333333, 0x44444044);
	expect(7, 0, 0, 0x77, 0x18, 0);
	expect(0xd, 0, 0x207, 0x340, 0x1000, 0); /* 0x240 + 0x100 */
	expect(0xd, 1, 0xf, 0x350, 0, 0);        /* ... + 0x10 of XSS */
	expect(0xd, 2, 0x100, 0x240, 0, 0);
	page.fn[7].eax = 0xf8; /* 0xd.2: the next one begins unaligned, unless it must not */
	expect(0xd, 1, 0xf, 0x348, 0, 0);
	page.fn[9].ecx |= 2;
	expect(0xd, 1, 0xf, 0x350, 0, 0);
	page.fn[6].eax = 0x5; /* neither XSAVEC nor XSAVES: EBX says nothing */
	expect(0xd, 1, 5, 0x240, 0, 0);
}

static void test_refusals(void)
{
	struct cpuid_regs r;

	setup();
	assert(!snp_cpuid_page_error(&page));
	context.host = host_refuses;
	assert(snp_cpuid(&context, 1, 0, &r) && snp_cpuid(&context, 0xb, 0, &r));
	assert(snp_cpuid(&context, 0x40000000, 0, &r) && snp_cpuid(&context, 0x8000001e, 0, &r));
	page.count = 65;
	assert(strstr(snp_cpuid_page_error(&page), "more entries"));
	setup();
	page.reserved_0x8 = 1;
	assert(strstr(snp_cpuid_page_error(&page), "reserved field is"));
	setup();
	page.fn[page.count - 1].reserved = 1;
	assert(strstr(snp_cpuid_page_error(&page), "of an entry"));
	memset(&page, 0, sizeof(page));
	assert(strstr(snp_cpuid_page_error(&page), "no entries"));
}

int main(void)
{
	test_leaves();
	test_state();
	test_refusals();
	puts("ok");
	return 0;
}
