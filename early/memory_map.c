/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions about the map, and claims. early/boot_ranges.c fills in what is given.
 */
#include "early/memory_map.h"

#include "lib/panic.h"
#include "lib/spinlock.h"

struct memory_map memory_map __ro_after_init;

static struct spinlock claims_lock; /* of all that follows */
static struct memory_claim claims[MEMORY_CLAIMS_MAX];
static u32 claim_count;

extern const char __image_start[], __image_end[];

bool memory_map_in_image(u64 start, u64 size)
{
	return start >= va_of(__image_start).value && start <= va_of(__image_end).value &&
	       size <= va_of(__image_end).value - start;
}

bool memory_map_meets_image(u64 start, u64 size)
{
	return start < va_of(__image_end).value && start + size > va_of(__image_start).value;
}

bool memory_map_touches(u64 start, u64 size, enum memory_type type)
{
	for (u32 i = 0; i < memory_map.count; i++) {
		const struct memory_range *r = &memory_map.ranges[i];

		if (r->type == type && start < memory_range_end(r) && r->start < start + size)
			return true;
	}
	return false;
}

/* Ranges that touch may differ in who gave them, or in whether they are accepted. */
bool memory_map_is(u64 start, u64 size, enum memory_type type)
{
	u64 end = start + size;

	for (u32 i = 0; i < memory_map.count && start < end; i++) {
		const struct memory_range *r = &memory_map.ranges[i];

		if (start < r->start)
			return false;
		if (r->type == type && start < memory_range_end(r))
			start = memory_range_end(r);
	}
	return start >= end;
}

static bool is_kept_type(enum memory_type type, bool reserved)
{
	return type == MEMORY_ACPI || type == MEMORY_NVS || (reserved && type == MEMORY_RESERVED);
}

/* The BIOS's ROM window is there whether a map says so or not. */
static bool is_in_rom(u64 start, u64 size)
{
	return start >= BIOS_ROM_START && start < LOW_MEMORY_END &&
	       size <= LOW_MEMORY_END - start && !memory_map_touches(start, size, MEMORY_RAM);
}

/* All of it was given as what firmware keeps; @reserved: what is only reserved counts too. */
static bool is_kept(u64 start, u64 size, bool reserved)
{
	u64 end = start + size;

	if (end < start)
		return false;
	for (u32 i = 0; i < memory_map.count && start < end; i++) {
		const struct memory_range *r = &memory_map.ranges[i];

		if (start < r->start)
			return false;
		if (is_kept_type(r->type, reserved) && start < memory_range_end(r))
			start = memory_range_end(r);
	}
	return start >= end;
}

bool memory_map_has_tables(u64 start, u64 size, bool by_bios)
{
	return (by_bios && is_in_rom(start, size)) || is_kept(start, size, by_bios);
}

bool memory_map_is_ours(u64 address)
{
	return memory_map_touches(address, 1, MEMORY_RAM) || memory_map_meets_image(address, 1);
}

u64 memory_map_ram_size(void)
{
	u64 size = 0;

	for (u32 i = 0; i < memory_map.count; i++)
		if (memory_map.ranges[i].type <= MEMORY_IMAGE)
			size += memory_map.ranges[i].size;
	return size;
}

static bool is_allowed(u64 start, u64 size, enum memory_place place)
{
	bool in_ram = memory_map_touches(start, size, MEMORY_RAM) ||
		      memory_map_meets_image(start, size) ||
		      memory_map_touches(start, size, MEMORY_UNUSABLE);

	switch (place) {
	case MEMORY_IN_RAM: return memory_map_is(start, size, MEMORY_RAM);
	case MEMORY_IN_IMAGE: return memory_map_in_image(start, size);
	case MEMORY_OF_FIRMWARE:
		return !in_ram && is_kept(start, size, true) && start + size <= PC_DEVICES_START;
	case MEMORY_OF_DEVICE:
		return !in_ram && !memory_map_touches(start, size, MEMORY_ACPI) &&
		       !memory_map_touches(start, size, MEMORY_NVS);
	}
	return false;
}

/* The first claim that ends behind @start: the one that has it, or the next. */
static u32 claim_find(u64 start)
{
	u32 i = 0;

	while (i < claim_count && claims[i].end <= start)
		i++;
	return i;
}

static void claim_insert(u32 at, struct memory_claim claim)
{
	CHECK(claim_count < MEMORY_CLAIMS_MAX);
	for (u32 i = claim_count++; i > at; i--)
		claims[i] = claims[i - 1];
	claims[at] = claim;
}

static void claim_remove(u32 at)
{
	claim_count--;
	for (u32 i = at; i < claim_count; i++)
		claims[i] = claims[i + 1];
}

/* No claim goes across @address. */
static void claim_split(u64 address)
{
	u32 i = claim_find(address);

	if (i == claim_count || claims[i].start >= address)
		return;
	claim_insert(i, claims[i]);
	claims[i].end = claims[i + 1].start = address;
}

/* Whether [@start, @end) of a device's could only be more of claim @at; a claim is of one place. */
static bool claim_continues(u32 at, u64 start, u64 end, const char *user)
{
	return at < claim_count && claims[at].user == user && !claims[at].shared &&
	       (claims[at].end == start || claims[at].start == end);
}

/* Devices come page by page: one claim for each would soon be too many. */
static int claim_add(u32 at, u64 start, u64 end, enum memory_place place, const char *user)
{
	if (place == MEMORY_OF_DEVICE && at && claim_continues(at - 1, start, end, user)) {
		claims[at - 1].end = end;
		return 0;
	}
	if (place == MEMORY_OF_DEVICE && claim_continues(at, start, end, user)) {
		claims[at].start = start;
		return 0;
	}
	if (claim_count == MEMORY_CLAIMS_MAX)
		return -E_NOSPC;
	claim_insert(at, (struct memory_claim){ start, end, user, false });
	return 0;
}

int memory_map_claim(u64 start, u64 size, enum memory_place place, const char *user)
{
	u64 end = align_up(start + size, (u64)PAGE_SIZE);
	int error = 0;
	u32 at;

	start = align_down(start, (u64)PAGE_SIZE);
	if (end <= start || !is_allowed(start, end - start, place))
		return -E_INVAL;
	spin_lock(&claims_lock);
	at = claim_find(start);
	if (at < claim_count && claims[at].start < end)
		error = -E_BUSY;
	else
		error = claim_add(at, start, end, place, user);
	spin_unlock(&claims_lock);
	return error;
}

void memory_map_release(u64 start, u64 size)
{
	u64 end = start + size;
	u32 i;

	spin_lock(&claims_lock);
	claim_split(start);
	claim_split(end);
	for (i = claim_find(start); i < claim_count && claims[i].start < end;)
		claim_remove(i);
	spin_unlock(&claims_lock);
}

const char *memory_map_what(u64 start, u64 size)
{
	static const char *const names[] = {
		[MEMORY_RAM] = "RAM",           [MEMORY_IMAGE] = "our image",
		[MEMORY_RESERVED] = "reserved", [MEMORY_ACPI] = "ACPI's tables",
		[MEMORY_NVS] = "ACPI's NVS",    [MEMORY_UNUSABLE] = "unusable",
	};
	struct memory_claim claim;

	if (memory_map_next_claim(start, &claim) && claim.start < start + size)
		return claim.user;
	for (u32 i = 0; i < array_count(names); i++)
		if (memory_map_touches(start, size, (enum memory_type)i))
			return names[i];
	return "nothing";
}

bool memory_map_next_claim(u64 from, struct memory_claim *claim)
{
	bool found;
	u32 i;

	spin_lock(&claims_lock);
	i = claim_find(from);
	found = i < claim_count;
	if (found)
		*claim = claims[i];
	spin_unlock(&claims_lock);
	return found;
}

bool memory_map_claim_of(u64 address, struct memory_claim *claim)
{
	return memory_map_next_claim(address, claim) && claim->start <= address;
}

static bool are_claimed(u64 start, u64 end, bool shared)
{
	for (u32 i = claim_find(start); start < end; i++) {
		if (i == claim_count || claims[i].start > start || claims[i].shared != shared)
			return false;
		start = claims[i].end;
	}
	return true;
}

int memory_map_set_shared(u64 start, u64 size, bool shared)
{
	u64 end = start + size;
	int error = -E_INVAL;

	spin_lock(&claims_lock);
	if (memory_map_in_image(start, size) && are_claimed(start, end, !shared)) {
		claim_split(start);
		claim_split(end);
		for (u32 i = claim_find(start); i < claim_count && claims[i].start < end; i++)
			claims[i].shared = shared;
		error = 0;
	}
	spin_unlock(&claims_lock);
	return error;
}

/* Where RAM that begins at @at goes on to, over ranges that touch. */
static u64 ram_run_end(u32 *i, u64 at)
{
	u64 end = at;

	for (; *i < memory_map.count; (*i)++) {
		const struct memory_range *r = &memory_map.ranges[*i];

		if (r->type != MEMORY_RAM || r->start > end)
			break;
		end = memory_range_end(r);
	}
	return end;
}

/* The part of [start, end) before the first claim, behind those at its beginning. */
static bool free_part(u64 start, u64 end, struct memory_piece *piece)
{
	struct memory_claim claim;

	while (memory_map_claim_of(start, &claim))
		start = claim.end;
	if (memory_map_next_claim(start, &claim) && claim.start < end)
		end = claim.start;
	*piece = (struct memory_piece){ start, end };
	return start < end;
}

bool memory_map_next_free(u64 from, struct memory_piece *piece)
{
	for (u32 i = 0; i < memory_map.count;) {
		u64 start = memory_map.ranges[i].start, end;

		if (memory_map.ranges[i].type != MEMORY_RAM) {
			i++;
			continue;
		}
		end = ram_run_end(&i, start);
		if (free_part(start > from ? start : from, end, piece))
			return true;
	}
	return false;
}

bool memory_map_next_unaccepted(u64 at, u64 end, struct memory_piece *part)
{
	for (u32 i = 0; at < end && i < memory_map.count; i++) {
		const struct memory_range *r = &memory_map.ranges[i];
		u64 last = memory_range_end(r);

		if (r->type != MEMORY_RAM || r->accepted || last <= at || r->start >= end)
			continue;
		*part = (struct memory_piece){ r->start > at ? r->start : at,
					       last < end ? last : end };
		return true;
	}
	return false;
}
