/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of set-up: what was fixed at boot becomes read-only, and code can no longer be written
 * at all. Does not: protect the page tables themselves, which visibility.c goes on to change.
 */
#include "mm/seal.h"

#include "lib/compiler.h"
#include "lib/panic.h"
#include "mm/image.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/tables.h"

static bool sealed __ro_after_init;

bool seal_is_done(void) { return sealed; }

void mm_seal(void)
{
	struct image_part part = image_ro_after_init();

	CHECK(!sealed);
	sealed = true; /* the last write to this section */
	pgtable_must(tables_lock());
	pgtable_must(
		pgtable_change(mm_pgtable(), va(part.start), part.end - part.start, PGTABLE_W, 0));
	tables_unlock();
}
