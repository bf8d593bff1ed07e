/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See guid_table.h.
 */
#include "model/guid_table.h"

#include "lib/string.h"

#define GUID_SIZE sizeof(((struct guid_entry *)0)->guid)

static u8 digit(char c) { return (u8)(c <= '9' ? c - '0' : c - 'a' + 10); }

static void parse(const char *text, u8 guid[GUID_SIZE])
{
	for (size_t i = 0; i < GUID_SIZE; i++) {
		if (*text == '-')
			text++;
		guid[i] = (u8)(digit(text[0]) << 4 | digit(text[1]));
		text += 2;
	}
}

int guid_table_find(const void *table, size_t size, const char *guid, struct guid_data *data)
{
	static const u8 none[GUID_SIZE];
	struct guid_entry entry;
	u8 wanted[GUID_SIZE];

	parse(guid, wanted);
	for (size_t at = 0; size - at >= sizeof(entry); at += sizeof(entry)) {
		memcpy(&entry, (const u8 *)table + at, sizeof(entry));
		if (!memcmp(entry.guid, none, sizeof(none)))
			return -E_NOENT;
		if (memcmp(entry.guid, wanted, sizeof(wanted)))
			continue;
		if (entry.offset > size || entry.length > size - entry.offset)
			return -E_INVAL;
		*data = (struct guid_data){ (const u8 *)table + entry.offset, entry.length };
		return 0;
	}
	return -E_INVAL;
}
