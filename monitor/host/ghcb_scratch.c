/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ghcb_scratch.h.
 */
#include "monitor/host/ghcb_scratch.h"

#include "lib/string.h"
#include "monitor/svm/pages.h"

/* The shared buffer at SW_SCRATCH for @size bytes, or NULL after an error reply. */
u8 *scratch_inside(const struct ghcb_request *r, u64 size)
{
	u32 offset;
	u32 error = ghcb_scratch(r->ghcb, r->gpa, size, &offset);

	if (error) {
		ghcb_reply_error(r->ghcb, error);
		return NULL;
	}
	return r->page->shared_buffer + offset;
}

/* @size bytes at SW_SCRATCH to @data, or from it; false after an error reply. */
bool scratch_copy(const struct ghcb_request *r, void *data, u64 size, bool to_guest)
{
	if (!ghcb_scratch_is_outside(r->ghcb, r->gpa)) {
		u8 *inside = scratch_inside(r, size);

		if (inside)
			memcpy(to_guest ? inside : data, to_guest ? data : inside, size);
		return inside;
	}
	if (size > GHCB_SCRATCH_MAX ||
	    page_host_copy(r->ghcb->save.sw_scratch, data, size, to_guest)) {
		ghcb_reply_error(r->ghcb, GHCB_ERR_INVALID_SCRATCH);
		return false;
	}
	return true;
}
