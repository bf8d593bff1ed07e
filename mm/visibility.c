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
#include "early/memory_map.h"
#include "mm/page_states.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/tables.h"
#include "paravirt/pv_ops.h"
#include "paravirt/visibility.h"

/* Plain data, in the state that the conversion starts from. */
static unsigned int flags_before(bool private)
{
	return PGTABLE_W | (private ? PGTABLE_SHARED : 0);
}

static void set_private(va_t start, u64 page_count, bool private)
{
	pgtable_set(mm_pgtable(), start, page_count * PAGE_SIZE, PGTABLE_SHARED,
		    private ? 0 : PGTABLE_SHARED);
}

/* In the memory map, which refuses pages that are free, or nobody's. */
static int note(u64 start, u64 size, bool private)
{
	int error;

	if (memory_map_in_image(start, size))
		return memory_map_set_shared(start, size, !private);
	page_states_lock();
	error = page_states_move(start, size, private ? PAGE_SHARED : PAGE_USED,
				 private ? PAGE_USED : PAGE_SHARED);
	page_states_unlock();
	return error;
}

static int convert_locked(va_t address, u64 page_count, bool private)
{
	u64 size = page_count * PAGE_SIZE;
	int error;

	if (!pgtable_is(mm_pgtable(), address, size, flags_before(private)))
		return -E_INVAL;
	error = pgtable_split(mm_pgtable(), address, size);
	if (!error && !private)
		error = note(address.value, size, false); /* from here on nobody may free it */
	if (error)
		return error;
	if (page_enc_status_change(address, page_count, private, set_private))
		fatal(TERM_PSC, "the host refused to convert %lu pages at %#lx", page_count,
		      address.value);
	if (private && note(address.value, size, true))
		panic("%lu pages at %#lx were shared, but not in the memory map", page_count,
		      address.value);
	return 0;
}

/* One conversion at a time: no two of them may meet in a page, or in a table that is split. */
static int convert(va_t address, u64 page_count, bool private)
{
	int error = 0;

	if (!is_aligned(address.value, (u64)PAGE_SIZE) || !page_count ||
	    page_count > (~(u64)0 - address.value) / PAGE_SIZE)
		return -E_INVAL;
	if (private)
		tables_lock_to_undo();
	else
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
