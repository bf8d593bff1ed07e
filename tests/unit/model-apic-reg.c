/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An x2APIC has the registers of SDM3 table 11-6 and refuses what the text below it says; an entry
 * of the local vector table never asks the machine for SMI, INIT or an illegal vector.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>

#include "../../monitor/svm/apic_reg.c"

static void test_table(void)
{
	static const struct {
		u32 offset;
		bool read, write;
	} all[] = {
		{ 0x000, 0, 0 }, { 0x020, 1, 0 }, { 0x030, 1, 0 }, { 0x040, 0, 0 }, { 0x070, 0, 0 },
		{ 0x080, 1, 1 }, { 0x090, 0, 0 }, { 0x0a0, 1, 0 }, { 0x0b0, 0, 1 }, { 0x0c0, 0, 0 },
		{ 0x0d0, 1, 0 }, { 0x0e0, 0, 0 }, { 0x0f0, 1, 1 }, { 0x100, 1, 0 }, { 0x180, 1, 0 },
		{ 0x200, 1, 0 }, { 0x270, 1, 0 }, { 0x280, 1, 1 }, { 0x290, 0, 0 }, { 0x2f0, 0, 0 },
		{ 0x300, 1, 1 }, { 0x310, 0, 0 }, { 0x320, 1, 1 }, { 0x330, 1, 1 }, { 0x340, 1, 1 },
		{ 0x350, 1, 1 }, { 0x360, 1, 1 }, { 0x370, 1, 1 }, { 0x380, 1, 1 }, { 0x390, 1, 0 },
		{ 0x3a0, 0, 0 }, { 0x3d0, 0, 0 }, { 0x3e0, 1, 1 }, { 0x3f0, 0, 1 }, { 0x400, 0, 0 },
		{ 0xff0, 0, 0 },
	};

	for (unsigned int i = 0; i < array_count(all); i++) {
		assert(x2apic_is_readable(all[i].offset) == all[i].read);
		assert(x2apic_is_writable(all[i].offset, 0) == all[i].write);
	}
}

static void test_reserved(void)
{
	assert(x2apic_is_writable(APIC_TPR, 0xff) && !x2apic_is_writable(APIC_TPR, 0x100));
	assert(!x2apic_is_writable(APIC_EOI, 1));
	assert(!x2apic_is_writable(APIC_ESR, 1));
	assert(x2apic_is_writable(APIC_SVR, 0x1ff) && !x2apic_is_writable(APIC_SVR, 0x1000));
	assert(x2apic_is_writable(APIC_ICR_LOW, 0xffffffff00004500));
	assert(!x2apic_is_writable(APIC_ICR_LOW, 0x2000));
	assert(!x2apic_is_writable(APIC_ICR_LOW, 0x100000));
	assert(x2apic_is_writable(APIC_LVT_TIMER, 0x200ff));
	assert(!x2apic_is_writable(APIC_LVT_TIMER, 0x40000)); /* no TSC deadline */
	assert(!x2apic_is_writable(APIC_LVT_TIMER, 0x200));
	assert(x2apic_is_writable(APIC_LVT_LINT1, 0x400) &&
	       !x2apic_is_writable(APIC_LVT_LINT1, 0x20000));
	assert(!x2apic_is_writable(APIC_LVT_ERROR, 0x700));
	assert(x2apic_is_writable(APIC_TIMER_DIVIDE, 0xb) &&
	       !x2apic_is_writable(APIC_TIMER_DIVIDE, 4));
	assert(x2apic_is_writable(APIC_SELF_IPI, 0xff) &&
	       !x2apic_is_writable(APIC_SELF_IPI, 0x100));
	for (u32 offset = 0; offset < 0x400; offset += 0x10)
		assert(offset == APIC_ICR_LOW || !x2apic_is_writable(offset, BIT(32)));
}

static void test_lvt(void)
{
	assert(apic_lvt(APIC_LVT_TIMER, 0x20040) == 0x20040);
	assert(apic_lvt(APIC_LVT_TIMER, 0x20240) == 0x20040); /* it has no mode */
	assert(apic_lvt(APIC_LVT_TIMER, 0x0f) == 0x1000f);
	assert(apic_lvt(APIC_LVT_LINT0, 0x700) == 0x700);
	assert(apic_lvt(APIC_LVT_LINT1, 0x400) == 0x400);
	assert(apic_lvt(APIC_LVT_LINT1, 0xa400) == 0xa400);
	for (u32 offset = APIC_LVT_THERMAL; offset < APIC_LVT_ERROR; offset += 0x10) {
		assert(apic_lvt(offset, 0x240) & APIC_LVT_MASKED); /* SMI */
		assert(apic_lvt(offset, 0x540) & APIC_LVT_MASKED); /* INIT */
		assert(apic_lvt(offset, 0x640) & APIC_LVT_MASKED);
		assert(apic_lvt(offset, 0x340) & APIC_LVT_MASKED);
		assert(apic_lvt(offset, 0x10200) == 0x10200); /* it is masked */
	}
	assert(apic_lvt(APIC_LVT_ERROR, 0x2fe) == 0xfe);
}

static void test_access(void)
{
	assert(apic_is_access(0x300, 4));
	assert(!apic_is_access(0x304, 4) && !apic_is_access(0x301, 4));
	assert(!apic_is_access(0x300, 1) && !apic_is_access(0x300, 2) && !apic_is_access(0x300, 8));
}

int main(void)
{
	test_table();
	test_reserved();
	test_lvt();
	test_access();
	return 0;
}
