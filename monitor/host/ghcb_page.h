/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side of the GHCB page: checks a request in a private copy of the page, and composes
 * the answer. Spec: GHCB 2.3 (layout, valid bitmap), table 7 (state that each exit needs).
 */
#pragma once

#include "abi/ghcb.h"
#include "lib/errno.h"
#include "monitor/svm/violation.h"

/* Of one checked request. At most one of violation and error is set. */
struct ghcb_verdict {
	enum violation violation; /* VIOLATION_GHCB_FIELD_NOT_VALID or none */
	const char *field;        /* its name in the save area, where violation is set */
	u32 error;                /* GHCB_ERR_*: answer it by ghcb_reply_error() */
};

/*
 * Judges version (@version_min or newer: an SNP guest must use the newest), usage, exit code and
 * the valid bitmap of @ghcb, a copy that the guest cannot change. For VMMCALL also the arguments of
 * the known KVM hypercalls.
 */
struct ghcb_verdict ghcb_check(const struct ghcb *ghcb, u16 version_min);

/*
 * Where SW_SCRATCH points: @offset in ghcb->shared_buffer of @size bytes that lie wholly in it.
 * 0, or GHCB_ERR_INVALID_SCRATCH. @ghcb_gpa is where the page was copied from.
 */
must_check u32 ghcb_scratch(const struct ghcb *ghcb, u64 ghcb_gpa, u64 size, u32 *offset);

/* What a request may have outside of the page: KVM's GHCB_SCRATCH_AREA_LIMIT. */
#define GHCB_SCRATCH_MAX (16 * PAGE_SIZE)

/* Whether SW_SCRATCH names other memory than the page at @ghcb_gpa. */
bool ghcb_scratch_is_outside(const struct ghcb *ghcb, u64 ghcb_gpa);

/* Whether the quadword at @offset of the save area is marked valid; marks it. */
bool ghcb_is_valid(const struct ghcb *ghcb, size_t offset);
void ghcb_mark_valid(struct ghcb *ghcb, size_t offset);
#define GHCB_IS_VALID(ghcb, field) ghcb_is_valid(ghcb, offsetof(struct ghcb_save_area, field))
/* Sets a field of the answer and marks it valid. */
#define GHCB_SET(ghcb, field, value)                                                               \
	do {                                                                                       \
		(ghcb)->save.field = (value);                                                      \
		ghcb_mark_valid(ghcb, offsetof(struct ghcb_save_area, field));                     \
	} while (0)

/* Starts the answer in the copy: nothing valid but SW_EXITINFO1 and 2, which say success. */
void ghcb_reply(struct ghcb *ghcb);
/* ... which say malformed input, @error of GHCB_ERR_*. */
void ghcb_reply_error(struct ghcb *ghcb, u32 error);
/* ... which say: raise @vector, with @error_code if @has_error_code. */
void ghcb_reply_exception(struct ghcb *ghcb, unsigned int vector, bool has_error_code,
			  u32 error_code);
