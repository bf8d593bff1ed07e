/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of GUIDs gives what it has; one whose end or data are missing is refused. Those of a test
 * root are GUIDs, and each is another.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../model/guid_table.c"
#include "model/test_root.h"

static struct {
	struct guid_entry entries[3];
	u8 data[8];
} table = {
	.entries = { { { 0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6,
			 0x01, 0x4c, 0xd0, 0xae },
		       72,
		       3 },
		     { { 0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9,
			 0x3b, 0xe8, 0xac, 0xcd },
		       75,
		       5 } },
	.data = "arkvcek",
};
static struct guid_data data;

static const char *const guids[] = {
	GUID_CERTIFICATE_ARK, GUID_CERTIFICATE_ASK,  GUID_CERTIFICATE_VCEK, GUID_CERTIFICATE_VLEK,
	GUID_CERTIFICATE_CRL, GUID_CERTIFICATE_ASVK, GUID_TEST_VCEK,        GUID_TEST_VLEK,
	GUID_TEST_SNP,        GUID_TEST_PCK,         GUID_TEST_TDX,         GUID_TEST_PCK_CHAIN,
};

static void check_guids(void)
{
	for (size_t i = 0; i < sizeof(guids) / sizeof(guids[0]); i++) {
		assert(strlen(guids[i]) == 36);
		for (size_t j = 0; j < 36; j++)
			assert(strchr(j == 8 || j == 13 || j == 18 || j == 23 ? "-"
									      : "0123456789abcdef",
				      guids[i][j]));
		for (size_t j = 0; j < i; j++)
			assert(strcmp(guids[i], guids[j]));
	}
	assert(TEST_ROOT_P384_SIZE == 384 / 8 && TEST_ROOT_P256_SIZE == 256 / 8);
}

static int find(const char *guid, size_t size)
{
	return guid_table_find(&table, size, guid, &data);
}

int main(void)
{
	check_guids();
	assert(!find(GUID_CERTIFICATE_ARK, sizeof(table)));
	assert(data.size == 3 && !memcmp(data.bytes, "ark", 3));
	assert(!find(GUID_CERTIFICATE_VCEK, sizeof(table)));
	assert(data.size == 5 && !memcmp(data.bytes, "vcek", 5));
	assert(find(GUID_CERTIFICATE_VLEK, sizeof(table)) == -E_NOENT);

	/* cut: the data, then the end, then all */
	assert(!find(GUID_CERTIFICATE_ARK, 75));
	assert(find(GUID_CERTIFICATE_VCEK, sizeof(table) - 1) == -E_INVAL);
	assert(find(GUID_CERTIFICATE_ARK, 72) == -E_INVAL);
	assert(find(GUID_CERTIFICATE_VLEK, 71) == -E_INVAL);
	assert(find(GUID_CERTIFICATE_VLEK, 48) == -E_INVAL);
	assert(find(GUID_CERTIFICATE_VLEK, 0) == -E_INVAL);

	/* far away, and by a sum that wraps */
	table.entries[0].offset = ~0U;
	assert(find(GUID_CERTIFICATE_ARK, sizeof(table)) == -E_INVAL);
	table.entries[0] = (struct guid_entry){ .offset = 72, .length = ~0U };
	memcpy(table.entries[0].guid, table.entries[1].guid, 16);
	assert(find(GUID_CERTIFICATE_VCEK, sizeof(table)) == -E_INVAL);
	return 0;
}
