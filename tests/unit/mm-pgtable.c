/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page tables map, split, change and report the same on x86's format and on a fake one, with every
 * kind of mask; only entries say which.
 * RUN: %unit-cc %s -o %t
 */
#include "../../lib/string.h"
#include "../../mm/pgtable.c"
#include "Inputs/mm-fake.h"

#define M2 ((u64)PAGE_2M_SIZE)

static struct pgtable_leaf find(struct pgtable *pt, u64 address)
{
	struct pgtable_leaf leaf;

	assert(!pgtable_find(pt, va(address), &leaf));
	return leaf;
}

static bool is_absent(struct pgtable *pt, u64 address)
{
	struct pgtable_leaf leaf;

	return pgtable_find(pt, va(address), &leaf) == -E_FAULT;
}

static void test_sizes(struct pgtable pt)
{
	/* A page, two units, a page: 4K ends and 2M between. */
	assert(!pgtable_map(&pt, va(M2 - PAGE_SIZE), pa(M2 - PAGE_SIZE), 2 * M2 + 2 * PAGE_SIZE,
			    PGTABLE_W));
	assert(is_absent(&pt, M2 - PAGE_SIZE - 1));
	assert(find(&pt, M2 - 1).size == PAGE_SIZE);
	assert(find(&pt, M2).size == M2 && find(&pt, 3 * M2 - 1).size == M2);
	assert(find(&pt, 3 * M2 - 1).address.value == 2 * M2);
	assert(find(&pt, 3 * M2).size == PAGE_SIZE);
	assert(is_absent(&pt, 3 * M2 + PAGE_SIZE));
	assert(find(&pt, M2).flags == PGTABLE_W);
	assert(fake_flush_count == 0); /* nothing was present before */

	/* No 2M entry where only one of the two addresses is aligned. */
	assert(!pgtable_map(&pt, va(U64_C(1) << 40), pa(PAGE_SIZE), M2, 0));
	assert(find(&pt, (U64_C(1) << 40) + M2 - 1).size == PAGE_SIZE);
	assert(find(&pt, (U64_C(1) << 40) + M2 - 1).target.value == M2);

	assert(pgtable_map(&pt, va(2 * M2), pa(0), M2, 0) == -E_BUSY);
	assert(pgtable_map(&pt, va(2 * M2 + PAGE_SIZE), pa(0), PAGE_SIZE, 0) == -E_BUSY);
	assert(pgtable_map(&pt, va(0), pa(0), M2, 0) == -E_BUSY);
}

static void test_every_flag(struct pgtable pt)
{
	for (unsigned int flags = 0; flags <= PGTABLE_FLAGS_ALL; flags++) {
		u64 at = (u64)flags * 2 * M2;

		assert(!pgtable_map(&pt, va(at), pa(at), M2 + PAGE_SIZE, flags));
		assert(find(&pt, at).flags == flags && find(&pt, at).size == M2);
		assert(find(&pt, at + M2).flags == flags && find(&pt, at + M2).size == PAGE_SIZE);
		/* The same after a split, and every byte still goes where it went. */
		assert(!pgtable_split(&pt, va(at + 5 * PAGE_SIZE), PAGE_SIZE));
		for (u64 i = 0; i < M2; i += PAGE_SIZE) {
			assert(find(&pt, at + i).target.value == at + i);
			assert(find(&pt, at + i).size == PAGE_SIZE);
			assert(find(&pt, at + i).flags == flags);
		}
	}
}

static void test_change(struct pgtable pt)
{
	assert(!pgtable_map(&pt, va(0), pa(0), 4 * M2, PGTABLE_W));
	/* One page in the middle of a 2M entry. */
	assert(!pgtable_change(&pt, va(PAGE_SIZE * 7), PAGE_SIZE, PGTABLE_SHARED, PGTABLE_SHARED));
	assert(find(&pt, PAGE_SIZE * 6).flags == PGTABLE_W);
	assert(find(&pt, PAGE_SIZE * 7).flags == (PGTABLE_W | PGTABLE_SHARED));
	assert(find(&pt, PAGE_SIZE * 8).flags == PGTABLE_W);
	/* Across units: the whole one in the middle stays a 2M entry. */
	assert(!pgtable_change(&pt, va(2 * M2 - PAGE_SIZE), M2 + 2 * PAGE_SIZE, PGTABLE_SHARED,
			       PGTABLE_SHARED));
	assert(find(&pt, 2 * M2).size == M2 && find(&pt, 2 * M2).flags & PGTABLE_SHARED);
	assert(find(&pt, 2 * M2 - PAGE_SIZE).flags & PGTABLE_SHARED);
	assert(find(&pt, 3 * M2).flags & PGTABLE_SHARED);
	assert(find(&pt, 3 * M2 + PAGE_SIZE).flags == PGTABLE_W);
	/* Back, and only what the mask names. */
	assert(!pgtable_change(&pt, va(0), 4 * M2, PGTABLE_SHARED, PGTABLE_X));
	assert(find(&pt, 2 * M2).flags == PGTABLE_W);
	assert(!pgtable_audit(&pt).shared && !pgtable_audit(&pt).executable);
	assert(pgtable_audit(&pt).mapped == 4 * M2);
	/* A hole stops it before anything changes. */
	assert(!pgtable_unmap(&pt, va(M2 + PAGE_SIZE), PAGE_SIZE));
	assert(is_absent(&pt, M2 + PAGE_SIZE) && find(&pt, M2).size == PAGE_SIZE);
	assert(pgtable_change(&pt, va(0), 4 * M2, PGTABLE_W, 0) == -E_FAULT);
	assert(find(&pt, 0).flags == PGTABLE_W);
	/* An absent range may be unmapped, and mapped again. */
	assert(!pgtable_unmap(&pt, va(0), 8 * M2));
	assert(pgtable_audit(&pt).mapped == 0);
}

static void test_no_memory(struct pgtable pt)
{
	assert(!pgtable_map(&pt, va(0), pa(0), 2 * M2, PGTABLE_W));
	fake_table_limit = fake_table_count;
	assert(pgtable_change(&pt, va(0), PAGE_SIZE, PGTABLE_W, 0) == -E_NOMEM);
	assert(pgtable_unmap(&pt, va(0), PAGE_SIZE) == -E_NOMEM);
	assert(find(&pt, 0).size == M2 && find(&pt, 0).flags == PGTABLE_W);
	assert(pgtable_map(&pt, va(1ULL << 39), pa(0), PAGE_SIZE, 0) == -E_NOMEM);
	/* One table for the left edge, none for the right one: nothing but the split is done. */
	fake_table_limit++;
	assert(pgtable_change(&pt, va(PAGE_SIZE), 2 * M2 - 2 * PAGE_SIZE, PGTABLE_W, 0) ==
	       -E_NOMEM);
	assert(find(&pt, PAGE_SIZE).flags == PGTABLE_W && find(&pt, M2).size == M2);
	/* Split first, and then no memory is needed. */
	fake_table_limit = FAKE_TABLES;
	assert(!pgtable_split(&pt, va(PAGE_SIZE), 2 * M2 - 2 * PAGE_SIZE));
	fake_table_limit = fake_table_count;
	assert(!pgtable_change(&pt, va(PAGE_SIZE), 2 * M2 - 2 * PAGE_SIZE, PGTABLE_W, 0));
}

static void expect_flush(unsigned int count, u64 address, u64 size)
{
	assert(fake_flush_count == count);
	assert(fake_flush_last == address && fake_flush_size == size);
}

static void test_flush(struct pgtable pt)
{
	assert(!pgtable_map(&pt, va(0), pa(0), 2 * M2, PGTABLE_W));
	assert(fake_flush_count == 0);
	assert(!pgtable_change(&pt, va(M2), M2, PGTABLE_W, 0));
	expect_flush(1, M2, M2);
	assert(!pgtable_unmap(&pt, va(M2), M2));
	expect_flush(2, M2, M2);
	assert(!pgtable_split(&pt, va(0), 3 * PAGE_SIZE));
	expect_flush(3, 0, PAGE_SIZE);
	assert(!pgtable_change(&pt, va(0), 3 * PAGE_SIZE, PGTABLE_W, 0));
	expect_flush(4, 0, 3 * PAGE_SIZE);
}

static void test_audit(struct pgtable pt)
{
	struct pgtable_audit audit;

	assert(!pgtable_map(&pt, va(0), pa(0), M2, PGTABLE_X));
	assert(!pgtable_map(&pt, va(M2), pa(M2), M2, PGTABLE_W));
	audit = pgtable_audit(&pt);
	assert(audit.executable == M2 && audit.mapped == 2 * M2);
	assert(!audit.writable_and_executable && !audit.shared && !audit.shared_and_executable);
	assert(!pgtable_change(&pt, va(PAGE_SIZE), PAGE_SIZE, PGTABLE_W, PGTABLE_W));
	assert(!pgtable_change(&pt, va(0), 3 * PAGE_SIZE, PGTABLE_SHARED, PGTABLE_SHARED));
	audit = pgtable_audit(&pt);
	assert(audit.writable_and_executable == PAGE_SIZE);
	assert(audit.shared == 3 * PAGE_SIZE && audit.shared_and_executable == 3 * PAGE_SIZE);
}

static void test_bad_ranges(struct pgtable pt)
{
	EXPECT_PANIC(pgtable_map(&pt, va(1), pa(0), PAGE_SIZE, 0));
	EXPECT_PANIC(pgtable_map(&pt, va(0), pa(0), PAGE_SIZE + 1, 0));
	EXPECT_PANIC(pgtable_unmap(&pt, va(0), (U64_C(1) << 48) + PAGE_SIZE));
	EXPECT_PANIC(pgtable_unmap(&pt, va(PAGE_SIZE), ~(u64)0 - PAGE_SIZE + 1));
	if (pt.private_mask)
		EXPECT_PANIC(pgtable_map(&pt, va(0), pa(pt.private_mask), PAGE_SIZE, 0));
}

static void test_all(const struct pgtable_level *levels, u64 private_mask, u64 shared_mask)
{
	test_sizes(fake_pgtable(levels, private_mask, shared_mask));
	test_every_flag(fake_pgtable(levels, private_mask, shared_mask));
	test_change(fake_pgtable(levels, private_mask, shared_mask));
	test_no_memory(fake_pgtable(levels, private_mask, shared_mask));
	test_flush(fake_pgtable(levels, private_mask, shared_mask));
	test_audit(fake_pgtable(levels, private_mask, shared_mask));
	test_bad_ranges(fake_pgtable(levels, private_mask, shared_mask));
}

static u64 entry_of(struct pgtable *pt, u64 address)
{
	return *walk(pt, address, last_level(pt)).entry;
}

/* The bits themselves, written out once. */
static void test_x86_bits(void)
{
	struct pgtable pt = fake_pgtable(pgtable_x86_64, BIT(51), 0);

	assert(pgtable_root_value(&pt) == (FAKE_TABLE_BASE | BIT(51)));
	assert(!pgtable_map(&pt, va(0), pa(0), M2 + PAGE_SIZE, PGTABLE_X));
	assert(entry_of(&pt, 0) == (BIT(51) | 0xe1));
	assert(entry_of(&pt, M2) == (BIT(51) | M2 | 0x61));
	assert(*walk(&pt, M2, &pt.levels[2]).entry % PAGE_SIZE == 0x23);
	assert(!pgtable_map(&pt, va(2 * M2), pa(2 * M2), PAGE_SIZE,
			    PGTABLE_W | PGTABLE_SHARED | PGTABLE_UNCACHED));
	assert(entry_of(&pt, 2 * M2) == (BIT(63) | 2 * M2 | 0x27b));

	/* Early tables know nothing of our note: the mask alone tells. */
	*walk(&pt, M2, last_level(&pt)).entry = M2 | 0x63;
	assert(find(&pt, M2).flags == (PGTABLE_W | PGTABLE_X | PGTABLE_SHARED));

	pt = fake_pgtable(pgtable_x86_64, 0, BIT(47));
	assert(!pgtable_map(&pt, va(0), pa(0), PAGE_SIZE, PGTABLE_W));
	assert(!pgtable_map(&pt, va(M2), pa(M2), PAGE_SIZE, PGTABLE_W | PGTABLE_SHARED));
	assert(entry_of(&pt, 0) == (BIT(63) | 0x63));
	assert(entry_of(&pt, M2) == (BIT(63) | BIT(47) | M2 | 0x263));
}

int main(void)
{
	test_all(pgtable_x86_64, 0, 0);
	test_all(pgtable_x86_64, BIT(51), 0);
	test_all(pgtable_x86_64, 0, BIT(47));
	test_all(fake_levels, 0, 0);
	test_all(fake_levels, BIT(45), 0);
	test_all(fake_levels, 0, BIT(51));
	test_x86_bits();
	return 0;
}
