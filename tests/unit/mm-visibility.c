/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A conversion refuses what is not plain data in use, in the other state, before the host hears of
 * it, splits before it begins, and terminates when the host refuses.
 * RUN: %unit-cc %s -iquote %S/Inputs/mm -o %t
 */
#include "../../lib/string.h"
#include "../../early/memory_map.c"
#include "../../mm/page_states.c"
#include "../../mm/pgtable.c"
#include "../../mm/visibility.c"
#include "Inputs/mm-fake.h"

#define M2 ((u64)PAGE_2M_SIZE)
#define RW PGTABLE_W

#define UNITS 32

static _Alignas(4096) unsigned char metadata[4096 + UNITS * 128];
const char __image_start[1], __image_end[1];

static struct pgtable pt;
static unsigned int changes, terminations;
static bool refuses;

struct pgtable *mm_pgtable(void) { return &pt; }

static unsigned int locked;
static bool no_memory;

int tables_lock(void)
{
	if (no_memory)
		return -E_NOMEM;
	locked++;
	return 0;
}

void tables_lock_to_undo(void) { locked++; }

void tables_unlock(void) { locked--; }

noreturn_t fatal(unsigned int reason, const char *fmt, ...)
{
	(void)fmt;
	assert(reason == TERM_PSC);
	terminations++;
	panic("terminated");
}

int page_enc_status_change(va_t start, u64 page_count, bool private,
			   page_private_setter_t set_private_pages)
{
	unsigned int limit = fake_table_limit;

	changes++;
	if (refuses)
		return -E_IO;
	/* From here on nothing may fail, so nothing may be allocated. */
	fake_table_limit = fake_table_count;
	assert(!page_states_are_used(pa(start.value), page_count * PAGE_SIZE)); /* shared, so far */
	set_private_pages(start, page_count, private);
	fake_table_limit = limit;
	return 0;
}

static unsigned int flags_at(u64 address)
{
	struct pgtable_leaf leaf;

	assert(!pgtable_find(&pt, va(address), &leaf));
	return leaf.flags;
}

static void map(u64 at, u64 size, unsigned int flags)
{
	assert(!pgtable_map(&pt, va(at), pa(at), size, flags));
	assert(!page_states_move(at, size, PAGE_GIVEN, PAGE_USED));
}

static void test_conversions(void)
{
	map(0, 8 * M2, RW);
	/* One page. */
	assert(!set_memory_decrypted(va(5 * PAGE_SIZE), 1) && changes == 1);
	assert(flags_at(5 * PAGE_SIZE) == (RW | PGTABLE_SHARED));
	assert(flags_at(4 * PAGE_SIZE) == RW && flags_at(6 * PAGE_SIZE) == RW);
	/* Across the ends of units, with whole units between. */
	assert(!set_memory_decrypted(va(2 * M2 - PAGE_SIZE), 2 * 512 + 2));
	assert(flags_at(2 * M2 - PAGE_SIZE) == (RW | PGTABLE_SHARED));
	assert(flags_at(4 * M2) == (RW | PGTABLE_SHARED) && flags_at(4 * M2 + PAGE_SIZE) == RW);
	assert(pgtable_audit(&pt).shared == 2 * M2 + 3 * PAGE_SIZE);
	assert(!set_memory_encrypted(va(2 * M2 - PAGE_SIZE), 2 * 512 + 2));
	assert(!set_memory_encrypted(va(5 * PAGE_SIZE), 1));
	assert(!pgtable_audit(&pt).shared && changes == 4);
	assert(page_states_are_used(pa(0), 8 * M2));
}

/* Nothing is shared without memory for page tables; what was becomes private all the same. */
static void test_no_memory(void)
{
	unsigned int before = changes, held = locked;

	assert(!set_memory_decrypted(va(6 * M2 + PAGE_SIZE), 2));
	assert(!set_memory_decrypted(va(5 * M2), 512));
	no_memory = true;
	fake_table_limit = fake_table_count;
	assert(set_memory_decrypted(va(0), 1) == -E_NOMEM && changes == before + 2);
	assert(!set_memory_encrypted(va(6 * M2 + PAGE_SIZE), 2));
	/* A part needs more tables than sharing took: nothing is done. */
	assert(set_memory_encrypted(va(5 * M2), 1) == -E_NOMEM && changes == before + 3);
	assert(!set_memory_encrypted(va(5 * M2), 512));
	no_memory = false;
	fake_table_limit = FAKE_TABLES;
	assert(page_states_are_used(pa(0), 8 * M2) && locked == held);
}

static void test_refusals(void)
{
	unsigned int before = changes;

	map(16 * M2, M2, PGTABLE_X);
	map(18 * M2, M2, 0);
	map(20 * M2, M2, RW | PGTABLE_SHARED | PGTABLE_UNCACHED);
	assert(set_memory_decrypted(va(1), 1) == -E_INVAL);
	assert(set_memory_decrypted(va(0), 0) == -E_INVAL);
	assert(set_memory_decrypted(va(PAGE_SIZE), ~(u64)0) == -E_INVAL);
	assert(set_memory_decrypted(va(PAGE_SIZE), ~(u64)0 / PAGE_SIZE) == -E_INVAL);
	assert(set_memory_decrypted(va(8 * M2 - PAGE_SIZE), 2) == -E_INVAL); /* not mapped */
	assert(set_memory_decrypted(va(16 * M2), 1) == -E_INVAL);            /* code */
	assert(set_memory_decrypted(va(18 * M2), 1) == -E_INVAL);            /* read-only */
	assert(set_memory_encrypted(va(20 * M2), 1) == -E_INVAL);            /* a device */
	assert(set_memory_encrypted(va(0), 1) == -E_INVAL);                  /* private already */
	/* Free, or nobody's: whatever the tables say. */
	map(22 * M2, M2, RW);
	assert(!page_states_move(22 * M2, PAGE_SIZE, PAGE_USED, PAGE_FREE));
	assert(set_memory_decrypted(va(22 * M2), 2) == -E_INVAL);
	assert(!pgtable_map(&pt, va(23 * M2), pa(23 * M2), M2, RW));
	assert(set_memory_decrypted(va(23 * M2), 1) == -E_INVAL);
	assert(changes == before);
	assert(!set_memory_decrypted(va(3 * PAGE_SIZE), 1));
	assert(set_memory_decrypted(va(0), 8) == -E_INVAL); /* one of them is shared already */
	fake_table_limit = fake_table_count;
	assert(set_memory_decrypted(va(7 * M2), 1) == -E_NOMEM);
	fake_table_limit = FAKE_TABLES;
	assert(changes == before + 1);
	refuses = true;
	EXPECT_PANIC(set_memory_decrypted(va(7 * M2), 1));
	refuses = false;
	assert(terminations == 1);
}

int main(void)
{
	pt = fake_pgtable(fake_levels, BIT(45), 0);
	page_states_init(metadata, UNITS * M2);
	test_conversions();
	test_no_memory();
	test_refusals();
	pt = fake_pgtable(pgtable_x86_64, 0, 0);
	page_states_init(metadata, UNITS * M2);
	terminations = changes = 0;
	test_conversions();
	test_no_memory();
	test_refusals();
	return 0;
}
