/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A quote of this TD: the module's TDREPORT, and what a service behind the host makes of it.
 * Spec: TDX-ABI 5.5 (TDG.MR.REPORT), GHCI 3.3 (GetQuote), DCAP A.3 and A.4.
 * Does not: check signatures. A quote is for somebody who does not trust this guest either.
 */
#pragma once

#include "abi/tdx_quote.h"
#include "lib/errno.h"
#include "paravirt/visibility.h"

struct tdx_quote {
	struct tdx_report report; /* the module's word */
	u8 bytes[TDX_QUOTE_SIZE_MAX - sizeof(struct tdx_quote_header)];
	u32 size;
};

/* How the buffer changes hands, as struct snp_message_way. */
struct tdx_quote_way {
	visibility_setter_t share, unshare;
};

/* Whether there is such a module. */
bool tdx_quote_is_possible(void);

/*
 * A quote with @data in it; one at a time is the caller's to see to. A host that is busy is asked
 * again, and one that takes its time is waited for, some twenty seconds in all. -E_IO: the host or
 * its service refuses, with *status what they say; -E_AGAIN: it did not answer in time; -E_PERM:
 * what came is no quote of this report; -E_NOMEM: no page table with which to share the buffer.
 */
int must_check tdx_quote_ask(const u8 data[TDX_REPORT_DATA_SIZE], const struct tdx_quote_way *way,
			     struct tdx_quote *quote, u64 *status);
