/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See quote.h.
 */
#include "kernel/quote.h"

#include "lib/spinlock.h"
#include "mm/visibility.h"

static const struct tdx_quote_way way = {
	.share = set_memory_decrypted,
	.unshare = set_memory_encrypted,
};

int quote_ask(const u8 data[TDX_REPORT_DATA_SIZE], struct tdx_quote *quote, u64 *status)
{
	static struct spinlock lock;
	int error;

	spin_lock(&lock);
	error = tdx_quote_ask(data, &way, quote, status);
	spin_unlock(&lock);
	return error;
}
