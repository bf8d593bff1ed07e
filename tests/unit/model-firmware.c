/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A firmware image's tables are understood, and each thing in them that can be wrong is refused;
 * no image, however wrong, makes a read outside of it or a section that is not whole pages.
 * RUN: %unit-cc %s -o %t
 */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../monitor/host/firmware.c"

#define SIZE     0x10000
#define SEV_AT   0x8000
#define TDVF_AT  0x9000
#define TABLE_AT (SIZE - 0x20 - 84)
#define AREA_AT  (TABLE_AT - 26) /* an entry more, in front */
#define ROUNDS   200000

static u8 *image;
static struct firmware firmware;
static int failures;

static void put_guid(u8 *at, u32 first, u16 second, u16 third, u64 last)
{
	last = __builtin_bswap64(last);
	memcpy(at, &first, 4);
	memcpy(at + 4, &second, 2);
	memcpy(at + 6, &third, 2);
	memcpy(at + 8, &last, 8);
}

static u8 *put_entry(u8 *at, u32 value)
{
	memcpy(at, &value, 4);
	at[4] = 22;
	return at + 6;
}

static void put32(u32 offset, u32 value) { memcpy(image + offset, &value, 4); }

static void good(void)
{
	const u32 sev[] = {
		SEV_METADATA_SIGNATURE, 40, 1, 2, 0x200000, 0x2000, 1, 0x202000, 0x1000, 2
	};
	const struct header tdvf = { TDVF_SIGNATURE, 48, 1, 1 };
	const struct tdvf_section section = { 0, SIZE, 0xffff0000, SIZE, 0, 1 };
	u8 *table = image + TABLE_AT;

	memset(image, 0, SIZE);
	memcpy(image + SEV_AT, sev, sizeof(sev));
	memcpy(image + TDVF_AT, &tdvf, sizeof(tdvf));
	memcpy(image + TDVF_AT + sizeof(tdvf), &section, sizeof(section));
	put_guid(put_entry(table, SIZE - TDVF_AT), GUID_TDX_METADATA);
	put_guid(put_entry(table + 22, SIZE - SEV_AT), GUID_SEV_METADATA);
	put_guid(put_entry(table + 44, 0xfffff123), GUID_SEV_ES_RESET);
	table[66] = 84;
	put_guid(table + 68, GUID_TABLE_FOOTER);
}

static void expect(u64 size, const char *sentence)
{
	const char *why = NULL;
	int err = firmware_parse(image, size, &firmware, &why);

	if (!err == !sentence && (!err || !strcmp(why, sentence)))
		return;
	printf("%d \"%s\", not \"%s\"\n", err, why ? why : "", sentence ? sentence : "");
	failures++;
}

#define REFUSED(change, sentence)                                                                  \
	do {                                                                                       \
		good();                                                                            \
		change;                                                                            \
		expect(SIZE, sentence);                                                            \
	} while (0)

static void test_refusals(void)
{
	REFUSED(image[TABLE_AT + 66] = 17, "its GUIDed table has a wrong length");
	REFUSED(image[TABLE_AT + 66] = 85, "its GUIDed table has a wrong length");
	REFUSED(put32(TABLE_AT + 66, 0x82deffff), "its GUIDed table has a wrong length");
	REFUSED(image[TABLE_AT + 48] = 17, "an entry of its GUIDed table has a wrong length");
	REFUSED(image[TABLE_AT + 48] = 67, "an entry of its GUIDed table has a wrong length");
	REFUSED(put32(TABLE_AT + 22, 15), "its SEV metadata is malformed");
	REFUSED(put32(TABLE_AT + 22, SIZE + 1), "its SEV metadata is malformed");
	REFUSED(put32(SEV_AT + 8, 2), "its SEV metadata is malformed");
	REFUSED(put32(SEV_AT + 12, 33), "its SEV metadata is malformed");
	REFUSED(put32(SEV_AT + 16, 0x200800), "a section of its SEV metadata is not whole pages");
	REFUSED(put32(TDVF_AT, 0), "its TDVF descriptor is malformed");
	REFUSED(put32(TDVF_AT + 16 + 16, 0x800),
		"a section of its TDVF descriptor is not whole pages");
	REFUSED(put32(TDVF_AT + 16, 1), "a section of its TDVF descriptor has data outside");
	REFUSED(put32(TDVF_AT + 20, SIZE + 1), "a section of its TDVF descriptor has data outside");
}

/* Where the hashes of a kernel go: in one page, or nowhere. */
static void put_area(u32 gpa, u32 size, u8 length)
{
	good();
	memcpy(image + AREA_AT, &gpa, sizeof(gpa));
	memcpy(image + AREA_AT + 4, &size, sizeof(size));
	image[AREA_AT + 8] = length;
	image[AREA_AT + 9] = 0;
	put_guid(image + AREA_AT + 10, GUID_SEV_HASH_TABLE);
	image[TABLE_AT + 66] = 84 + length;
}

static void test_area(void)
{
	put_area(0x810c00, 0x400, 26);
	expect(SIZE, NULL);
	assert(firmware.hash_area.gpa == 0x810c00 && firmware.hash_area.size == 0x400);
	put_area(0x810c00, 0x401, 26);
	expect(SIZE, "its room for hashes of a kernel is not in one page");
	put_area(0x810c00, 0xffffffff, 26);
	expect(SIZE, "its room for hashes of a kernel is not in one page");
	put_area(0x810c00, 0x400, 25);
	expect(SIZE, "its room for hashes of a kernel is malformed");
	good();
	expect(SIZE, NULL);
	assert(!firmware.hash_area.size);
}

static u64 random_state = 1;

static u32 next_random(u32 bound)
{
	random_state = random_state * U64_C(6364136223846793005) + 1442695040888963407;
	return (u32)(random_state >> 33) % bound;
}

/* Changes near what is read. */
static void test_noise(void)
{
	static const u32 places[] = { SEV_AT, TDVF_AT, TABLE_AT, TABLE_AT + 48 };
	const char *why;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		if (round % 4 == 0)
			good();
		image[places[next_random(4)] + next_random(48)] = (u8)next_random(256);
		if (firmware_parse(image, SIZE, &firmware, &why))
			continue;
		for (unsigned int i = 0; i < firmware.sev_count; i++)
			assert(!(firmware.sev[i].gpa % PAGE_SIZE));
		for (unsigned int i = 0; i < firmware.tdvf_count; i++)
			assert(firmware.tdvf[i].data_offset + (u64)firmware.tdvf[i].raw_size <=
			       SIZE);
	}
}

int main(void)
{
	image = malloc(SIZE); /* a read outside of it is caught */
	good();
	expect(SIZE, NULL);
	assert(firmware.sev_count == 2 && firmware.sev[1].gpa == 0x202000);
	assert(firmware.sev_es_reset == 0xfffff123 && firmware.tdvf_count == 1);
	assert(firmware.tdvf[0].gpa == 0xffff0000 && firmware.tdvf[0].attributes == 1);
	expect(SIZE - 1, "it is not whole units of 64 KiB");
	expect(0, "it is not whole units of 64 KiB");
	image[SIZE - 0x21] = 1;
	expect(SIZE, NULL); /* no table */
	assert(!firmware.sev_count && !firmware.tdvf_count && !firmware.sev_es_reset);
	test_refusals();
	test_area();
	test_noise();
	free(image);
	return failures != 0;
}
