/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotes of a TD once mm and other processors are there.
 */
#pragma once

#include "paravirt/tdx_quote.h"

/* As tdx_quote_ask(), from any processor, one at a time. */
int must_check quote_ask(const u8 data[TDX_REPORT_DATA_SIZE], struct tdx_quote *quote, u64 *status);
