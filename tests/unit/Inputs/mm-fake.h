/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For native tests of mm/: a panic() that can be expected, and page tables whose bits differ from
 * level to level, so that code that knows x86's bits breaks.
 */
#pragma once

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/panic.h"
#include "lib/spinlock.h"
#include "mm/pgtable.h"

static jmp_buf panic_expected;
static bool panic_is_expected;

noreturn_t panic(const char *fmt, ...)
{
	va_list args;

	if (panic_is_expected)
		longjmp(panic_expected, 1);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	abort();
}

/* There is one processor, and a panic that is expected leaves what it held. */
void __attribute__((weak)) spin_lock(struct spinlock *lock) { (void)lock; }
void __attribute__((weak)) spin_wait(struct spin_wait *wait, u64 stage)
{
	(void)wait, (void)stage;
	abort();
}

#define EXPECT_PANIC(expression)                                                                   \
	do {                                                                                       \
		panic_is_expected = true;                                                          \
		if (!setjmp(panic_expected)) {                                                     \
			(void)(expression);                                                        \
			panic_is_expected = false;                                                 \
			assert(!#expression);                                                      \
		}                                                                                  \
		panic_is_expected = false;                                                         \
	} while (0)

/* Every bit elsewhere on each level; NX is the absence of an "executable" bit on none of them. */
static const struct pgtable_level fake_levels[PGTABLE_LEVELS] __attribute__((unused)) = {
	{ .shift = 39,
	  .type_mask = 0x00f,
	  .table = 0x005,
	  .table_bits = BIT(60),
	  .address_mask = U64_C(0x000ffffffffff000) },
	{ .shift = 30,
	  .type_mask = 0x0f0,
	  .table = 0x0a0,
	  .table_bits = BIT(61),
	  .address_mask = U64_C(0x000ffffffffff000) },
	{ .shift = 21,
	  .type_mask = 0x006,
	  .table = 0x004,
	  .leaf = 0x002,
	  .table_bits = BIT(62),
	  .leaf_bits = BIT(57),
	  .writable = BIT(0),
	  .no_execute = BIT(3),
	  .uncached = BIT(56),
	  .shared_note = BIT(11),
	  .address_mask = U64_C(0x000ffffffffff000) },
	{ .shift = 12,
	  .type_mask = 0xc00,
	  .leaf = 0x800,
	  .leaf_bits = BIT(58),
	  .writable = BIT(63),
	  .no_execute = BIT(0),
	  .uncached = BIT(1),
	  .shared_note = BIT(2),
	  .address_mask = U64_C(0x000ffffffffff000) },
};

#define FAKE_TABLES     64
#define FAKE_TABLE_BASE U64_C(0x700000000)
static _Alignas(4096) unsigned char fake_tables[FAKE_TABLES][4096];
static unsigned int fake_table_count, fake_table_limit;
static unsigned int fake_flush_count;
static u64 fake_flush_last, fake_flush_size;

static int fake_alloc(pa_t *page)
{
	if (fake_table_count == fake_table_limit)
		return -E_NOMEM;
	/* Memory comes with any content. */
	for (unsigned int i = 0; i < 4096; i++)
		fake_tables[fake_table_count][i] = 0xa5;
	*page = pa(FAKE_TABLE_BASE + fake_table_count++ * 4096);
	return 0;
}

static void *fake_phys_to_virt(pa_t page)
{
	u64 index = (page.value - FAKE_TABLE_BASE) / 4096;

	assert(page.value % 4096 == 0 && index < fake_table_count);
	return fake_tables[index];
}

static void fake_flush(va_t address, u64 size)
{
	fake_flush_count++;
	fake_flush_last = address.value;
	fake_flush_size = size;
}

static const struct pgtable_ops fake_ops = { fake_alloc, fake_phys_to_virt, fake_flush };

static __attribute__((unused)) struct pgtable fake_pgtable(const struct pgtable_level *levels,
							   u64 private_mask, u64 shared_mask)
{
	struct pgtable pt = { .levels = levels,
			      .ops = &fake_ops,
			      .private_mask = private_mask,
			      .shared_mask = shared_mask };

	fake_table_count = fake_flush_count = 0;
	fake_table_limit = FAKE_TABLES;
	assert(!pgtable_init(&pt));
	return pt;
}
