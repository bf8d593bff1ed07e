/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A processor starts in the state of its entry protocol; the secrets page holds what the guest
 * reads; violations have names.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../monitor/hardware/launch.c"
#include "../../monitor/svm/violation.c"

static struct vmsa vmsa;

static void dirty(void) { memset(&vmsa, 0xa5, sizeof(vmsa)); }

static void check_reset_values(void)
{
	assert(vmsa.rflags == 2 && vmsa.dr7 == 0x400 && vmsa.dr6 == 0xffff0ff0);
	assert(vmsa.g_pat == U64_C(0x0007040600070406) && vmsa.xcr0 == 1);
	assert(!vmsa.vmpl && !vmsa.rsp && !vmsa.rax && !vmsa.rcx && !vmsa.cr2 && !vmsa.r15);
	assert(!vmsa.kernel_gs_base && !vmsa.star && !vmsa.sysenter_eip);
}

static void test_pvh(void)
{
	dirty();
	launch_vmsa_pvh(&vmsa, 0x200010, 0x9000);
	check_reset_values();
	assert(vmsa.rip == 0x200010 && vmsa.rbx == 0x9000 && vmsa.rsi == 0);
	assert(vmsa.cr0 == 0x11 && !vmsa.cr3 && !vmsa.cr4 && !vmsa.efer);
	assert(vmsa.cs.attrib == 0xc9b && vmsa.cs.limit == ~0U && !vmsa.cs.base);
	assert(vmsa.ss.attrib == 0xc93 && vmsa.ds.limit == ~0U && !vmsa.es.base);
}

static void test_sipi(void)
{
	dirty();
	launch_vmsa_sipi(&vmsa, 0x9a, 0x800f12);
	check_reset_values();
	assert(vmsa.cs.selector == 0x9a00 && vmsa.cs.base == 0x9a000 && !vmsa.rip);
	assert(vmsa.cs.attrib == 0x9b && vmsa.cs.limit == 0xffff && !vmsa.ds.base);
	assert(!(vmsa.cr0 & 1) && !(vmsa.cr0 >> 31) && !vmsa.cr4 && vmsa.rdx == 0x800f12);
}

static void test_reset(void)
{
	dirty();
	launch_vmsa_reset(&vmsa, 0xfffff123, 0x800f12);
	check_reset_values();
	assert(vmsa.cs.selector == 0xf000 && vmsa.cs.base == 0xffff0000 && vmsa.rip == 0xf123);
	assert(vmsa.cs.attrib == 0x9b && vmsa.ds.attrib == 0x93 && vmsa.ss.limit == 0xffff);
	assert(vmsa.cr0 == 0x10 && vmsa.cr4 == 0x40 && vmsa.efer == 0x1000 && !vmsa.cr3);
	assert(vmsa.rdx == 0x800f12 && vmsa.mxcsr == 0x1f80 && vmsa.x87_fcw == 0x37f);
	assert(vmsa.gdtr.limit == 0xffff && vmsa.idtr.limit == 0xffff && !vmsa.idtr.base);
}

static void test_linux(void)
{
	dirty();
	launch_vmsa_linux(&vmsa, 0x1000200, 0x8000, 0x9000 | BIT(51), 0xa000);
	check_reset_values();
	assert(vmsa.rip == 0x1000200 && vmsa.rsi == 0x8000 && vmsa.rbx == 0);
	assert(vmsa.cr3 == (0x9000 | BIT(51)) && vmsa.cr4 == 0x20);
	assert(vmsa.cr0 == 0x80010031 && vmsa.efer == 0x500);
	assert(vmsa.cs.selector == 0x10 && vmsa.cs.attrib == 0xa9b);
	assert(vmsa.ds.selector == 0x18 && vmsa.es.selector == 0x18 && vmsa.ss.selector == 0x18);
	assert(vmsa.gdtr.base == 0xa000 && vmsa.gdtr.limit == 0x1f);
}

static void test_secrets(void)
{
	static struct snp_secrets_page page;
	u8 keys[VMPL_COUNT * SNP_VMPCK_SIZE];
	const u8 *bytes = (const u8 *)&page;

	for (unsigned int i = 0; i < sizeof(keys); i++)
		keys[i] = (u8)(i + 1);
	memset(&page, 0xa5, sizeof(page));
	launch_secrets(&page, 0x800f12, keys);
	assert(page.version >= 2 && page.fms == 0x800f12 && page.imien_flags == 0);
	assert(!memcmp(page.vmpck, keys, sizeof(keys)) && page.vmpck[1][0] == 33);
	for (size_t i = 0xa0; i < sizeof(page); i++)
		assert(bytes[i] == 0);
}

static void test_violations(void)
{
	for (u32 i = VIOLATION_NONE; i < VIOLATION_COUNT; i++) {
		const struct violation_info *info = violation_info(i);

		assert(info->name[0] && info->sentence[0]);
		assert(strspn(info->name, "abcdefghijklmnopqrstuvwxyz-") == strlen(info->name));
		for (u32 j = 0; j < i; j++)
			assert(strcmp(info->name, violation_info(j)->name));
	}
	assert(!strcmp(violation_info(VIOLATION_PSC_SHARED_VALIDATED)->name,
		       "psc-shared-validated"));
	assert(!strcmp(violation_info(VIOLATION_COUNT)->name, "none"));
	assert(!strcmp(violation_info((enum violation) - 1)->name, "none"));
}

int main(void)
{
	test_pvh();
	test_reset();
	test_sipi();
	test_linux();
	test_secrets();
	test_violations();
	return 0;
}
