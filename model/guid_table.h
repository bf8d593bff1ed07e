/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of GUIDs and their data, as a host gives certificates to a guest, and as our test roots
 * are files: entries, one of zeroes behind them, then the data.
 * Spec: GHCB 4.1.8.1 (certificate table).
 */
#pragma once

#include "abi/certificates.h"
#include "lib/errno.h"

struct guid_data {
	const u8 *bytes;
	size_t size;
};

/*
 * The data of @guid, a text like "c0b406a4-a803-4952-9743-3fb6014cd0ae". -E_NOENT: there is no such
 * entry; -E_INVAL: the table's end is missing, or that entry's data lie outside.
 */
int must_check guid_table_find(const void *table, size_t size, const char *guid,
			       struct guid_data *data);
