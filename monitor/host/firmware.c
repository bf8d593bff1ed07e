/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See firmware.h.
 */
#include "monitor/host/firmware.h"

#include "abi/firmware.h"
#include "lib/compiler.h"
#include "lib/string.h"

#define GUID_SIZE 16

struct header {
	u32 signature;
	u32 length;
	u32 version;
	u32 count;
};
ABI_SIZE(struct header, 16);

static bool guid_is(const u8 *bytes, u32 first, u16 second, u16 third, u64 last)
{
	u64 big_endian = __builtin_bswap64(last);

	return !memcmp(bytes, &first, 4) && !memcmp(bytes + 4, &second, 2) &&
	       !memcmp(bytes + 6, &third, 2) && !memcmp(bytes + 8, &big_endian, 8);
}

static int refuse(const char **why, const char *text)
{
	*why = text;
	return -E_INVAL;
}

/* The header @offset before the end of the image, and room for @entry_size times its count. */
static int find_header(const struct firmware *f, u32 offset, u32 signature, u64 entry_size,
		       struct header *header, const u8 **entries)
{
	if (offset < sizeof(*header) || offset > f->size)
		return -E_INVAL;
	memcpy(header, f->image + f->size - offset, sizeof(*header));
	if (header->signature != signature || header->version != 1 ||
	    header->count > FIRMWARE_SECTIONS_MAX ||
	    header->count * entry_size > offset - sizeof(*header))
		return -E_INVAL;
	*entries = f->image + f->size - offset + sizeof(*header);
	return 0;
}

static bool is_paged(u64 start, u64 size)
{
	return is_aligned(start | size, (u64)PAGE_SIZE) && start + size >= start;
}

static int read_sev(struct firmware *f, u32 offset, const char **why)
{
	struct header header;
	const u8 *entries;

	if (find_header(f, offset, SEV_METADATA_SIGNATURE, sizeof(f->sev[0]), &header, &entries))
		return refuse(why, "its SEV metadata is malformed");
	f->sev_count = header.count;
	memcpy(f->sev, entries, header.count * sizeof(f->sev[0]));
	for (unsigned int i = 0; i < f->sev_count; i++)
		if (!is_paged(f->sev[i].gpa, f->sev[i].size))
			return refuse(why, "a section of its SEV metadata is not whole pages");
	return 0;
}

static int read_tdvf(struct firmware *f, u32 offset, const char **why)
{
	struct header header;
	const u8 *entries;

	if (find_header(f, offset, TDVF_SIGNATURE, sizeof(f->tdvf[0]), &header, &entries))
		return refuse(why, "its TDVF descriptor is malformed");
	f->tdvf_count = header.count;
	memcpy(f->tdvf, entries, header.count * sizeof(f->tdvf[0]));
	for (unsigned int i = 0; i < f->tdvf_count; i++) {
		const struct tdvf_section *s = &f->tdvf[i];

		if (!is_paged(s->gpa, s->size))
			return refuse(why, "a section of its TDVF descriptor is not whole pages");
		if (s->raw_size > s->size || s->data_offset > f->size ||
		    s->raw_size > f->size - s->data_offset)
			return refuse(why, "a section of its TDVF descriptor has data outside");
	}
	return 0;
}

static int read_hash_area(struct firmware *f, const u8 *data, size_t size, const char **why)
{
	struct firmware_hash_area *area = &f->hash_area;

	if (size < sizeof(*area))
		return refuse(why, "its room for hashes of a kernel is malformed");
	memcpy(area, data, sizeof(*area));
	if (area->size > PAGE_SIZE - area->gpa % PAGE_SIZE)
		return refuse(why, "its room for hashes of a kernel is not in one page");
	return 0;
}

static int read_entry(struct firmware *f, const u8 *guid, u32 value, const char **why)
{
	if (guid_is(guid, GUID_SEV_ES_RESET))
		f->sev_es_reset = value;
	else if (guid_is(guid, GUID_SEV_METADATA))
		return read_sev(f, value, why);
	else if (guid_is(guid, GUID_TDX_METADATA))
		return read_tdvf(f, value, why);
	return 0;
}

int firmware_parse(const void *image, u64 size, struct firmware *f, const char **why)
{
	const u8 *end = (const u8 *)image + size - FIRMWARE_TABLE_END;
	u16 table_size, entry_size;

	*f = (struct firmware){ .image = image, .size = size };
	if (!size || size % FIRMWARE_UNIT)
		return refuse(why, "it is not whole units of 64 KiB");
	if (!guid_is(end - GUID_SIZE, GUID_TABLE_FOOTER))
		return 0;
	memcpy(&table_size, end - FIRMWARE_ENTRY_SIZE(0), sizeof(table_size));
	if (table_size < FIRMWARE_ENTRY_SIZE(0) || table_size > size - FIRMWARE_TABLE_END)
		return refuse(why, "its GUIDed table has a wrong length");
	for (u64 left = table_size - FIRMWARE_ENTRY_SIZE(0); left; left -= entry_size) {
		const u8 *entry = end - table_size + left; /* its end */
		u32 value;
		int error;

		if (left < FIRMWARE_ENTRY_SIZE(0))
			return refuse(why, "its GUIDed table has a wrong length");
		memcpy(&entry_size, entry - FIRMWARE_ENTRY_SIZE(0), sizeof(entry_size));
		if (entry_size < FIRMWARE_ENTRY_SIZE(0) || entry_size > left)
			return refuse(why, "an entry of its GUIDed table has a wrong length");
		if (entry_size < FIRMWARE_ENTRY_SIZE(sizeof(value)))
			continue;
		memcpy(&value, entry - entry_size, sizeof(value));
		error = guid_is(entry - GUID_SIZE, GUID_SEV_HASH_TABLE)
				? read_hash_area(f, entry - entry_size,
						 entry_size - FIRMWARE_ENTRY_SIZE(0), why)
				: read_entry(f, entry - GUID_SIZE, value, why);
		if (error)
			return error;
	}
	return 0;
}
