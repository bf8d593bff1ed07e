/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two conversions, on the final tables. Everything that may fail harmlessly is done before the
 * host hears of it.
 */
#include "mm/visibility.h"

#include "abi/ghcb.h"
#include "early/fatal.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/tables.h"
#include "paravirt/pv_ops.h"
#include "paravirt/visibility.h"

/* Whether every page is plain data in the state that the conversion starts from. */
static bool is_convertible(u64 address, u64 end, bool private)
{
	unsigned int expected = PGTABLE_W | (private ? PGTABLE_SHARED : 0);
	struct pgtable_leaf leaf;

	while (address < end) {
		if (pgtable_find(mm_pgtable(), va(address), &leaf) || leaf.flags != expected)
			return false;
		address = leaf.address.value + leaf.size;
	}
	return true;
}

static void set_private(va_t start, u64 page_count, bool private)
{
	pgtable_must(pgtable_change(mm_pgtable(), start, page_count * PAGE_SIZE, PGTABLE_SHARED,
				    private ? 0 : PGTABLE_SHARED));
}

static int convert_locked(va_t address, u64 page_count, bool private)
{
	u64 size = page_count * PAGE_SIZE;
	int error;

	if (!is_convertible(address.value, address.value + size, private))
		return -E_INVAL;
	error = pgtable_split(mm_pgtable(), address, size);
	if (error)
		return error;
	if (page_enc_status_change(address, page_count, private, set_private))
		fatal(GHCB_TERM_PSC, "the host refused to convert %lu pages at %#lx", page_count,
		      address.value);
	return 0;
}

/* One conversion at a time: no two of them may meet in a page, or in a table that is split. */
static int convert(va_t address, u64 page_count, bool private)
{
	int error;

	if (!is_aligned(address.value, (u64)PAGE_SIZE) || !page_count ||
	    page_count > (~(u64)0 - address.value) / PAGE_SIZE)
		return -E_INVAL;
	error = tables_lock();
	if (error)
		return error;
	error = convert_locked(address, page_count, private);
	tables_unlock();
	return error;
}

int set_memory_decrypted(va_t address, u64 page_count)
{
	return convert(address, page_count, false);
}

int set_memory_encrypted(va_t address, u64 page_count)
{
	return convert(address, page_count, true);
}
