/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walk of L1's EPT: what translates, what is a violation and what a misconfiguration, by each bit
 * that an entry may have; accessed and dirty flags, where the pointer asks for them, and not in an
 * entry that L1 has changed meanwhile.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../monitor/hardware/vmx/ept.c"

#define ALL  (EPT_R | EPT_W | EPT_X)
#define WB   (VMX_MEMORY_WB << EPT_TYPE_SHIFT)
#define GPA  U64_C(0x5123)
#define PA   U64_C(0x7000)
#define EPTP (VMX_MEMORY_WB | 3 << EPTP_LENGTH_SHIFT)

static _Alignas(PAGE_SIZE) u64 tables[LEVELS][PTE_COUNT];
static struct ept_access a;
static struct l1_npt_leaf leaf;

void *l1_host_memory(u64 pa, u64 size)
{
	return pa + size <= sizeof(tables) ? (u8 *)tables + pa : NULL;
}

static void make(void)
{
	memset(tables, 0, sizeof(tables));
	for (u64 i = 0; i < LEVELS - 1; i++)
		tables[i][0] = (i + 1) * PAGE_SIZE | ALL;
	tables[3][5] = PA | ALL | WB;
}

static enum ept_outcome walks(u64 eptp, u64 needs)
{
	a = (struct ept_access){ .needs = needs };
	memset(&leaf, 0, sizeof(leaf));
	return ept_walk(eptp, GPA, &a, &leaf);
}

static void test_rights(void)
{
	make();
	for (unsigned int level = 0; level < LEVELS; level++) {
		u64 *entry = &tables[level][level == 3 ? 5 : 0];

		for (u64 rights = 0; rights < 8; rights++) {
			bool legal = !rights || rights & EPT_R;

			*entry = (*entry & ~(u64)ALL) | rights;
			for (u64 needs = EPT_R; needs < 8; needs++) {
				enum ept_outcome is = walks(EPTP, needs);

				assert((is == EPT_MISCONFIG) == !legal);
				assert((is == EPT_TRANSLATES) == (legal && !(needs & ~rights)));
				assert(!legal || a.allowed == rights);
			}
		}
		*entry |= ALL;
	}
	assert(walks(EPTP, EPT_R) == EPT_TRANSLATES && leaf.pa == (PA | 0x123));
	assert(leaf.write && leaf.execute && leaf.size == PAGE_SIZE);
	a = (struct ept_access){ .needs = EPT_R };
	assert(ept_walk(EPTP, BIT(48) | GPA, &a, &leaf) == EPT_VIOLATION && !a.allowed);
	assert(ept_walk(EPTP | BIT(20), GPA, &a, &leaf) == EPT_VIOLATION); /* no memory there */
}

/* Each bit alone, in an entry that is legal without it. */
static enum ept_outcome with_bit(u64 *entry, unsigned int bit)
{
	u64 was = *entry;
	enum ept_outcome is;

	*entry |= BIT(bit);
	is = walks(EPTP, EPT_R);
	*entry = was;
	return is;
}

static void test_reserved(void)
{
	make();
	for (unsigned int bit = 3; bit < 64; bit++) {
		bool beyond = bit >= VMX_PHYSICAL_BITS && bit < 52;
		bool address = bit >= PAGE_SHIFT && bit < VMX_PHYSICAL_BITS;

		if (!address) {
			assert((with_bit(&tables[0][0], bit) == EPT_MISCONFIG) ==
			       (beyond || bit <= 7));
			assert(bit == 7 || (with_bit(&tables[1][0], bit) == EPT_MISCONFIG) ==
						   (beyond || bit <= 6));
		}
		assert((with_bit(&tables[3][5], bit) == EPT_MISCONFIG) == (beyond || bit == 3));
	}
	for (u64 type = 0; type < 8; type++) {
		bool legal = type == 0 || type == 1 || (type >= 4 && type <= 6);

		tables[3][5] = PA | ALL | type << EPT_TYPE_SHIFT;
		assert((walks(EPTP, EPT_R) == EPT_TRANSLATES) == legal);
	}
}

static void test_large(void)
{
	make();
	tables[2][0] = PAGE_2M_SIZE | ALL | WB | EPT_PS;
	assert(walks(EPTP, EPT_R) == EPT_TRANSLATES && leaf.pa == (PAGE_2M_SIZE | GPA));
	assert(leaf.size == PAGE_2M_SIZE);
	tables[2][0] |= BIT(20);
	assert(walks(EPTP, EPT_R) == EPT_MISCONFIG);
	tables[1][0] = BIT(30) | ALL | WB | EPT_PS;
	assert(walks(EPTP, EPT_R) == EPT_TRANSLATES && leaf.pa == (BIT(30) | GPA));
	assert(leaf.size == BIT(30));
	tables[1][0] |= BIT(29);
	assert(walks(EPTP, EPT_R) == EPT_MISCONFIG);
}

static void test_marks(void)
{
	make();
	assert(walks(EPTP, EPT_W) == EPT_TRANSLATES && !(tables[3][5] & (EPT_A | EPT_D)));
	assert(walks(EPTP | EPTP_AD, EPT_R) == EPT_TRANSLATES && !leaf.write);
	for (unsigned int i = 0; i < LEVELS; i++)
		assert(tables[i][i == 3 ? 5 : 0] & EPT_A && !(tables[i][i == 3 ? 5 : 0] & EPT_D));
	assert(walks(EPTP | EPTP_AD, EPT_R | EPT_W) == EPT_TRANSLATES && leaf.write);
	assert(tables[3][5] & EPT_D && !(tables[2][0] & EPT_D));
	assert(walks(EPTP | EPTP_AD, EPT_R) == EPT_TRANSLATES && leaf.write);

	make(); /* a violation marks nothing */
	tables[3][5] &= ~(u64)EPT_W;
	assert(walks(EPTP | EPTP_AD, EPT_W) == EPT_VIOLATION && !(tables[3][5] & EPT_A));
}

static void test_change(void)
{
	struct step s = { &tables[3][5], PA | ALL };

	make();
	assert(!mark(&s, 1, true) && tables[3][5] == (PA | ALL | WB));
	s.value = tables[3][5];
	assert(mark(&s, 1, true) && tables[3][5] == (PA | ALL | WB | EPT_A | EPT_D));
}

static void test_qualification(void)
{
	const struct ept_access write = { EPT_R | EPT_W, EPT_R | EPT_X };

	assert(ept_qualification(&write, true, true) == 0x1ab);
	assert(ept_qualification(&write, true, false) == 0xab);
	assert(ept_qualification(&write, false, true) == 0x2b);
}

int main(void)
{
	test_rights();
	test_reserved();
	test_large();
	test_marks();
	test_change();
	test_qualification();
	return 0;
}
