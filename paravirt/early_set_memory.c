/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page_enc_status_change() on the early page tables.
 */
#include "paravirt/early_set_memory.h"

#include "early/early_pgtable.h"
#include "paravirt/visibility.h"

int early_set_memory_decrypted(va_t start, u64 page_count)
{
	return page_enc_status_change(start, page_count, false, early_pgtable_set_private);
}

int early_set_memory_encrypted(va_t start, u64 page_count)
{
	return page_enc_status_change(start, page_count, true, early_pgtable_set_private);
}
