/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing code, and one number beside. Their own mappings never become writable: the pages get a
 * second, writable and not executable mapping for the time of one write.
 */
#include "early/launch_pages.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/image.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/seal.h"
#include "mm/tables.h"

#define WINDOW MM_IDENTITY_END

/* One store where there is one of this size: an interrupt sees old code or new, never a mix. */
static void store_aliased(void *at, const void *bytes, size_t size)
{
	u64 value;

	if (size != sizeof(value)) {
		memcpy(at, bytes, size);
		return;
	}
	memcpy(&value, bytes, size);
	__atomic_store_n((u64 *)at, value, __ATOMIC_RELAXED);
}

/* Tables for two pages, which stay. */
void mm_poke_init(void)
{
	struct pgtable pt = tables_local();

	tables_lock_to_undo();
	pgtable_must(pgtable_map(&pt, va(WINDOW), pa(image_text().start), 2 * PAGE_SIZE, 0));
	pgtable_must(pgtable_unmap(&pt, va(WINDOW), 2 * PAGE_SIZE));
	tables_unlock();
}

static void poke(u64 at, const void *bytes, size_t size)
{
	struct pgtable pt = tables_local();
	u64 page = align_down(at, (u64)PAGE_SIZE);
	u64 span = align_up(at + size, (u64)PAGE_SIZE) - page;

	tables_lock_to_undo(); /* the window's tables are there since boot */
	pgtable_must(pgtable_map(&pt, va(WINDOW), pa(page), span, PGTABLE_W));
	store_aliased(va_ptr(va(WINDOW + at - page)), bytes, size);
	/* Flushes, and so also serialises: this processor fetches the new code from here on. */
	pgtable_must(pgtable_unmap(&pt, va(WINDOW), span));
	tables_unlock();
}

void mm_poke_text(void *address, const void *bytes, size_t size)
{
	struct image_part text = image_text();
	u64 at = va_of(address).value;

	CHECK(!seal_is_done());
	CHECK(at >= text.start && size <= PAGE_SIZE && at + size <= text.end);
	poke(at, bytes, size);
}

void mm_poke_secrets(u32 *word, u32 value)
{
	u64 offset = va_of(word).value - va_of(&launch_secrets_page).value;

	CHECK(is_aligned(offset, sizeof(value)) && offset < PAGE_SIZE);
	poke(va_of(word).value, &value, sizeof(value));
}
