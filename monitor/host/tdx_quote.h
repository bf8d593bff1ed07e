/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The quoting service that a host of TDs has beside it: what becomes of a TDREPORT in GetQuote's
 * buffer. Pure. All that it says of itself says EMULATED too: header, enclave, module.
 * Spec: GHCI 3.3 (GetQuote), DCAP A.3 and A.4 (quotes).
 */
#pragma once

#include "abi/tdx_quote.h"
#include "monitor/hardware/tdx_td.h"

/* One request that is in flight. */
struct tdx_quote_request {
	bool is_pending;
	u64 gpa;  /* of the buffer, without SHARED */
	u64 size; /* of the buffer */
	struct tdx_quote_header header;
	struct tdx_report report; /* as it was when it was asked for */
	u64 due;                  /* TSC: the caller's */
};

/*
 * The quote of @report at @out; its size. -E_PERM: no report of this processor; -E_NOSPC: larger
 * than @room.
 */
int must_check tdx_quote_make(const struct tdx_platform *p, const struct tdx_report *report,
			      u8 *out, size_t room);

/* Ends @r: quote or error in the buffer, as far as the host still reaches it; the status last. */
void tdx_quote_answer(struct tdx_td *td, void *context, struct tdx_quote_request *r);

/* The host's own access: what is not shared it does not reach. */
bool tdx_host_reaches(struct tdx_td *td, u64 gpa, u64 size);
