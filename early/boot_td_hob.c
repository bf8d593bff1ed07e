/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of a TD that our own ROM started, from the list that the host put into one of its
 * pages at launch. Not measured, so it is a claim like every loader's; so is what it calls
 * accepted: a lie is an access to a pending page, or a page accepted twice, and ends the guest.
 * Spec: abi/hob.h.
 */
#include "abi/hob.h"
#include "early/boot_parse.h"
#include "lib/string.h"

#define SOURCE "td hob"

static int check_handoff(const u8 *hob, size_t size, struct boot_error *error)
{
	struct hob_handoff handoff;

	if (size < sizeof(handoff))
		return boot_refuse(error, SOURCE ": %zu bytes", size);
	memcpy(&handoff, hob, sizeof(handoff));
	if (handoff.header.type != HOB_TYPE_HANDOFF || handoff.header.length != sizeof(handoff))
		return boot_refuse(error, SOURCE ": it starts with type %#x, %u bytes",
				   handoff.header.type, handoff.header.length);
	if (handoff.version != HOB_HANDOFF_VERSION)
		return boot_refuse(error, SOURCE ": version %u", handoff.version);
	return 0;
}

/* What is neither memory of ours nor a device's window is left out. */
static int add_resource(const u8 *block, u16 length, u64 index, struct memory_map *map,
			struct boot_error *error)
{
	struct hob_resource r;

	if (length != sizeof(r))
		return boot_refuse(error, SOURCE " block %lu: a resource of %u bytes", index,
				   length);
	memcpy(&r, block, sizeof(r));
	switch (r.type) {
	case HOB_RESOURCE_SYSTEM_MEMORY:
	case HOB_RESOURCE_MEMORY_UNACCEPTED:
		return boot_range_add_ram(
			map, index,
			(struct memory_range){ .start = r.start,
					       .size = r.length,
					       .accepted = r.type == HOB_RESOURCE_SYSTEM_MEMORY,
					       .giver = SOURCE },
			error);
	default:
		if (r.type > HOB_RESOURCE_TYPE_MAX)
			return boot_refuse(error, SOURCE " block %lu: a resource of type %#x",
					   index, r.type);
		return 0;
	}
}

int boot_td_hob_parse(const void *hob, size_t size, struct memory_map *map,
		      struct boot_error *error)
{
	const u8 *bytes = hob;
	struct hob_header header;
	size_t at = sizeof(struct hob_handoff);
	int err = check_handoff(bytes, size, error);

	for (u64 index = 1; !err; index++, at += header.length) {
		if (size - at < sizeof(header))
			return boot_refuse(error, SOURCE ": it has no end");
		memcpy(&header, bytes + at, sizeof(header));
		if (header.length < sizeof(header) || header.length > size - at ||
		    header.length % HOB_ALIGN)
			return boot_refuse(error, SOURCE " block %lu: %u bytes", index,
					   header.length);
		if (header.type == HOB_TYPE_END)
			return 0;
		if (header.type == HOB_TYPE_RESOURCE)
			err = add_resource(bytes + at, header.length, index, map, error);
	}
	return err;
}
