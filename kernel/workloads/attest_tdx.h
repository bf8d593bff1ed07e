/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `attest` prints of a TD's evidence.
 */
#pragma once

#include "paravirt/tdx_quote.h"

/* A line: its name, and bytes in hexadecimal. */
void attest_field(const char *name, const void *bytes, size_t size);

/* By fields of the module's own report, and the quote whole, with its certificates. */
void attest_print_quote(const struct tdx_quote *quote);
