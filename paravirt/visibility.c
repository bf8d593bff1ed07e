/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of a visibility change; what each step does is the platform's.
 */
#include "paravirt/visibility.h"

#include "early/early_pgtable.h"
#include "early/memory_map.h"
#include "lib/panic.h"
#include "lib/string.h"
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
	int error = memory_map_set_shared(start.value, page_count * PAGE_SIZE, true);

	return error ? error
		     : page_enc_status_change(start, page_count, false, early_pgtable_set_private);
}

int early_set_memory_encrypted(va_t start, u64 page_count)
{
	int error = page_enc_status_change(start, page_count, true, early_pgtable_set_private);

	return error ? error : memory_map_set_shared(start.value, page_count * PAGE_SIZE, false);
}

int visibility_share(va_t start, u64 page_count, const char *user, visibility_setter_t share)
{
	u64 size = page_count * PAGE_SIZE;
	int error = memory_map_claim(start.value, size, MEMORY_IN_IMAGE, user);

	if (error)
		return error;
	error = share(start, page_count);
	if (error)
		memory_map_release(start.value, size);
	else
		memset(va_ptr(start), 0, size);
	return error;
}

int visibility_unshare(va_t start, u64 page_count, visibility_setter_t unshare)
{
	struct memory_claim claim;
	int error;

	if (!memory_map_claim_of(start.value, &claim))
		return 0;
	error = unshare(start, page_count);
	if (!error)
		memory_map_release(start.value, page_count * PAGE_SIZE);
	return error;
}
