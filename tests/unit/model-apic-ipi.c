/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An interrupt command names the processors that the specification says: by id, by logical id in
 * both models, by shorthand.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>

#include "../../monitor/svm/apic_ipi.c"

#define COUNT 6

static struct apic_address cpus[COUNT];

static void flat(void)
{
	for (unsigned int i = 0; i < COUNT; i++)
		cpus[i] = (struct apic_address){ i, 1u << (24 + i), APIC_DFR_RESET };
}

/* Two clusters of three. */
static void clusters(void)
{
	for (unsigned int i = 0; i < COUNT; i++)
		cpus[i] = (struct apic_address){ i, (i / 3 + 1) << 28 | 1u << (24 + i % 3),
						 0x0fffffff };
}

static u64 to(u32 low, u32 dest) { return apic_targets(low, dest, 2, cpus, COUNT); }

static void test_physical(void)
{
	assert(to(0, 4) == BIT(4));
	assert(to(0, 7) == 0);
	assert(to(0, 0xff) == 0x3f);
	assert(to(0, 0x104) == BIT(4)); /* eight bits only */
}

static void test_shorthands(void)
{
	assert(to(1 << 18, 5) == BIT(2));
	assert(to(2 << 18, 5) == 0x3f);
	assert(to(3 << 18, 5) == 0x3b);
	assert(apic_targets(2 << 18, 0, 0, cpus, 1) == 1);
}

static void test_logical(void)
{
	flat();
	assert(to(APIC_ICR_LOGICAL, 0x21) == 0x21);
	assert(to(APIC_ICR_LOGICAL, 0xff) == 0x3f);
	assert(to(APIC_ICR_LOGICAL, 0xc0) == 0);
	clusters();
	assert(to(APIC_ICR_LOGICAL, 0x15) == 0x5);
	assert(to(APIC_ICR_LOGICAL, 0x27) == 0x38);
	assert(to(APIC_ICR_LOGICAL, 0x37) == 0);
	assert(to(APIC_ICR_LOGICAL, 0xff) == 0x3f);
}

/* Clusters of sixteen by id, and destinations of 32 bits. */
static void test_x2(void)
{
	static const struct apic_address far[] = {
		{ 0, 0, 0 }, { 17, 0, 0 }, { 18, 0, 0 }, { 256, 0, 0 }
	};

	assert(apic_logical_x2(0) == 1 && apic_logical_x2(18) == 0x10004);
	assert(apic_targets_x2(0, 17, 0, far, 4) == BIT(1));
	assert(apic_targets_x2(0, 256, 0, far, 4) == BIT(3));
	assert(apic_targets_x2(0, 0x100000000 - 1, 0, far, 4) == 0xf);
	assert(apic_targets_x2(0, 0xff, 0, far, 4) == 0);
	assert(apic_targets_x2(0, 0x10011, 0, far, 4) == 0);
	assert(apic_targets_x2(APIC_ICR_LOGICAL, 0x10006, 0, far, 4) == 0x6);
	assert(apic_targets_x2(APIC_ICR_LOGICAL, 0x6, 0, far, 4) == 0);
	assert(apic_targets_x2(APIC_ICR_LOGICAL, 0x1, 0, far, 4) == 1);
	assert(apic_targets_x2(APIC_ICR_LOGICAL, 0xffffffff, 0, far, 4) == 0xf);
	assert(apic_targets_x2(3 << 18, 5, 2, far, 4) == 0xb);
}

static void test_harmless(void)
{
	assert(apic_is_harmless(0x40) && apic_is_harmless(0x140) && apic_is_harmless(0x700));
	assert(!apic_is_harmless(2) && !apic_is_harmless(0x10f));
	for (u32 mode = 2; mode < 7; mode++)
		assert(!apic_is_harmless(mode << 8 | 0x40));
}

static void test_words(void)
{
	assert(APIC_ICR_MODE_OF(0x4608) == APIC_MODE_STARTUP);
	assert(APIC_ICR_MODE_OF(0x4500) == APIC_MODE_INIT && !apic_is_deassert(0x4500));
	assert(apic_is_deassert(0x8500) && !apic_is_deassert(0xc500));
}

int main(void)
{
	flat();
	test_physical();
	test_shorthands();
	test_logical();
	test_x2();
	test_harmless();
	test_words();
	return 0;
}
