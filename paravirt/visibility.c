/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of a visibility change; what each step does is the platform's.
 */
#include "paravirt/visibility.h"

#include "early/early_pgtable.h"
#include "lib/panic.h"
#include "paravirt/pv_ops.h"

int page_enc_status_change(va_t start, u64 page_count, bool private,
			   page_private_setter_t set_private)
{
	int rc;

	CHECK(is_aligned(start.value, PAGE_SIZE));
	rc = pv_page_enc_status_prepare(start, page_count, private);
	if (rc)
		return rc;
	set_private(start, page_count, private);
	return pv_notify_page_enc_status_changed(start, page_count, private);
}

int early_set_memory_decrypted(va_t start, u64 page_count)
{
	return page_enc_status_change(start, page_count, false, early_pgtable_set_private);
}

int early_set_memory_encrypted(va_t start, u64 page_count)
{
	return page_enc_status_change(start, page_count, true, early_pgtable_set_private);
}
