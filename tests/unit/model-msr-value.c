/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values that MSRs refuse, and the bits that they ignore.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>

#include "lib/compiler.h"

#include "../../monitor/hardware/msr_value.c"

#define ADDRESS_BITS 48

/* What is kept, or ~0 where it is refused. */
static u64 take(u32 msr, u64 value)
{
	return msr_value_take(msr, ADDRESS_BITS, &value) ? value : ~U64_C(0);
}

static void test_mtrr(void)
{
	const u64 refused = ~U64_C(0), types[] = { 0, 1, 4, 5, 6 };

	for (unsigned int i = 0; i < sizeof(types) / sizeof(*types); i++) {
		assert(take(0x200, 0x80000000 | types[i]) == (0x80000000 | types[i]));
		assert(take(0x26f, types[i] << 56) == types[i] << 56);
		assert(take(0x2ff, 0xc00 | types[i]) == (0xc00 | types[i]));
	}
	assert(take(0x200, 2) == refused && take(0x20e, 0x100) == refused);
	assert(take(0x200, BIT(48)) == refused && take(0x200, BIT(47)) == BIT(47));
	assert(take(0x201, 0x400) == refused && take(0x201, 0xffff80000800) == 0xffff80000800);
	assert(take(0x20f, BIT(63)) == refused);
	assert(take(0x250, 0x0606060606060607) == refused && take(0x250, 3 << 8) == refused);
	assert(take(0x2ff, 2) == refused && take(0x2ff, 0x1000) == refused);
	assert(take(0x2ff, 0x106) == refused && take(0x2ff, 0xff) == refused);
}

static void test_machine_check(void)
{
	for (u32 msr = MSR_MC0_CTL; msr < MSR_MC_END; msr += MSR_MC_EACH) {
		assert(msr_value_machine_check(msr, false, 0));
		assert(msr_value_machine_check(msr, false, ~U64_C(0)));
		assert(msr_value_machine_check(msr, false, ~BIT(10)));
		assert(!msr_value_machine_check(msr, true, 1));
		assert(!msr_value_machine_check(msr, true, ~BIT(11)));
		assert(msr_value_machine_check(msr + 1, false, 0));
		assert(!msr_value_machine_check(msr + 1, false, 1));
		assert(msr_value_machine_check(msr + 1, true, 1));
		assert(msr_value_machine_check(msr + 2, false, 1));
		assert(msr_value_machine_check(msr + 3, false, 1));
	}
	assert(msr_value_machine_check(MSR_MCG_CTL, false, ~U64_C(0)));
	assert(!msr_value_machine_check(MSR_MCG_CTL, true, 1));
	assert(msr_value_machine_check(MSR_MC0_CTL - 1, false, 1));
	assert(msr_value_machine_check(MSR_MC_END, false, 1));
}

static u64 keep(u32 msr, bool is_intel, u64 value)
{
	return msr_value_keep(msr, is_intel, &value) ? value : 1;
}

static void test_kept(void)
{
	const u32 bases[] = { MSR_LSTAR, MSR_CSTAR, MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS_BASE };
	const u64 high = U64_C(0xffff800000000000), low = U64_C(0x7fffffffffff);

	for (unsigned int i = 0; i < array_count(bases); i++) {
		assert(keep(bases[i], false, high) == high && keep(bases[i], true, low) == low);
		assert(keep(bases[i], false, high - 1) == 1 && keep(bases[i], true, low + 1) == 1);
	}
	assert(keep(MSR_SYSENTER_ESP, true, low + 1) == 1 &&
	       keep(MSR_SYSENTER_EIP, true, low) == low);
	assert(keep(MSR_SYSENTER_EIP, false, low + 1) == low + 1);
	assert(keep(MSR_SFMASK, false, ~U64_C(0)) == 0xffffffff);
	assert(keep(MSR_SFMASK, true, BIT(32)) == 1 && keep(MSR_SFMASK, true, 0x700) == 0x700);
	assert(keep(MSR_PAT, false, 0x0700060504010600) == 0x0700060504010600);
	for (unsigned int i = 0; i < 64; i += 8)
		for (u64 type = 0; type < 256; type++)
			assert((keep(MSR_PAT, true, type << i) == 1) !=
				       (type < 8 && type != 2 && type != 3) ||
			       type << i == 1);
	assert(keep(MSR_STAR, true, ~U64_C(0)) == ~U64_C(0));
}

static void test_xcr0(void)
{
	assert(xcr0_is_legal(1, 1) && xcr0_is_legal(3, 7) && xcr0_is_legal(7, 7));
	assert(!xcr0_is_legal(0, 7) && !xcr0_is_legal(2, 7) && !xcr0_is_legal(5, 7));
	assert(!xcr0_is_legal(7, 3) && !xcr0_is_legal(1, 0));
	assert(xcr0_is_legal(0x1f, ~U64_C(0)) && !xcr0_is_legal(0xf, ~U64_C(0)));
	assert(xcr0_is_legal(0xe7, ~U64_C(0)) && !xcr0_is_legal(0xe3, ~U64_C(0)));
	assert(!xcr0_is_legal(0x67, ~U64_C(0)) && !xcr0_is_legal(0x20003, ~U64_C(0)));
}

int main(void)
{
	const u64 refused = ~U64_C(0);

	test_mtrr();
	test_machine_check();
	test_kept();
	test_xcr0();
	assert(take(MSR_TSC_AUX, U64_C(0x500000003)) == 3);
	assert(take(MSR_HWCR, 0x1000008) == 0x1000000 && take(MSR_HWCR, 0x148) == 0);
	assert(take(MSR_HWCR, 1) == refused && take(MSR_HWCR, BIT(18)) == BIT(18));
	assert(take(MSR_DE_CFG, 2) == 2 && take(MSR_DE_CFG, 1) == refused);
	assert(take(MSR_MISC_FEATURES, 0) == 0 && take(MSR_MISC_FEATURES, 1) == refused);
	assert(take(MSR_MMIO_CONF_BASE, 0) == 0 && take(MSR_MMIO_CONF_BASE, 1) == refused);
	assert(take(0x174, refused - 1) == refused - 1);
	return 0;
}
