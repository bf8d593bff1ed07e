/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints what the guest finds in the CPUID page that a real QEMU made, in file PAGE: its own leaves
 * answered by the page, KVM's by the host, the size of the XSAVE area from the sub-leaves.
 */
#include <assert.h>
#include <stdio.h>

#include "early/snp_cpuid.c"

static struct snp_cpuid_page page;

static int host(u32 leaf, u32 subleaf, struct cpuid_regs *regs)
{
	(void)leaf, (void)subleaf;
	*regs = (struct cpuid_regs){ 0, 0x05000000, 0, 0 };
	return 0;
}

static u64 xcr0(void) { return 7; }

static u64 xss(void) { return 0; }

static struct cpuid_regs ask(u32 leaf, u32 subleaf)
{
	const struct snp_cpuid_context context = {
		.page = &page, .cr4 = CR4_OSXSAVE, .xcr0 = xcr0, .xss = xss, .host = host
	};
	struct cpuid_regs regs;

	assert(!snp_cpuid(&context, leaf, subleaf, &regs));
	return regs;
}

int main(void)
{
	FILE *file = fopen(PAGE, "rb");

	assert(file && fread(&page, sizeof(page), 1, file) == 1);
	fclose(file);
	if (snp_cpuid_page_error(&page)) {
		puts(snp_cpuid_page_error(&page));
		return 1;
	}
	printf("signature %#x\n", ask(1, 0).eax);
	printf("APIC id %u\n", ask(1, 0).ebx >> 24);
	printf("XSAVE area %#x of %#x\n", ask(0xd, 0).ebx, ask(0xd, 0).ecx);
	printf("SEV %#x\n", ask(0x8000001f, 0).eax);
	return 0;
}
