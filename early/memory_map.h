/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one memory map: who may touch which physical page, and why. Three layers, a fact in one only:
 *
 *   given    what it is, who said so, and whether it is accepted already. Loaders fill it, a page
 *            once; what nobody gave is absent, and a device may be there. Sealed by mm_seal().
 *   claimed  who of us uses it, by name, and of the image's pages whether the host sees them. A
 *            claim lies where its place allows, and no two meet: whoever has an address of the
 *            host's or the loader's claims it first, and touches it only then.
 *   handed   the state of each page of RAM that mm hands out: mm/page_states.h.
 *
 * Memory: two static arrays, 11 KiB, however much RAM there is. Locking: what is given is fixed
 * before a second processor runs; claims have a lock, below all others, and are read as copies.
 */
#pragma once

#include "lib/addr.h"
#include "lib/compiler.h"
#include "lib/errno.h"

/* Below is firmware's and the BIOS's: RAM there is never handed out, and not mapped for long. */
#define LOW_MEMORY_END U64_C(0x100000)
#define BIOS_ROM_START U64_C(0xe0000) /* ACPI 5.2.5.1: to there, where the RSDP is looked for */
/* From here to 4G a PC has its APICs, HPET, TPM and flash: maps call it reserved, like memory. */
#define PC_DEVICES_START U64_C(0xfec00000)

enum memory_type {
	MEMORY_RAM,   /* for us */
	MEMORY_IMAGE, /* our own, in RAM */
	MEMORY_RESERVED,
	MEMORY_ACPI,
	MEMORY_NVS,
	MEMORY_UNUSABLE,
};

struct memory_range {
	u64 start; /* bytes; RAM is trimmed inwards to whole 4K pages */
	u64 size;
	enum memory_type type;
	bool accepted;     /* by who gave it; else it is ours to do, where pages have states */
	const char *giver; /* "pvh memmap", "efi memory map"; of a static lifetime */
};

static inline u64 memory_range_end(const struct memory_range *r) { return r->start + r->size; }

#define MEMORY_RANGES_MAX 128

struct memory_map {
	u32 count; /* sorted, no overlaps */
	struct memory_range ranges[MEMORY_RANGES_MAX];
};

/* The one instance: boot_info_init() and boot_info_ask() fill it. */
extern struct memory_map memory_map;

/* Whether all of it, or any of it, was given as @type. */
bool memory_map_is(u64 start, u64 size, enum memory_type type);
bool memory_map_touches(u64 start, u64 size, enum memory_type type);
/*
 * Where ACPI's tables may lie: in what was given as ACPI's or NVS (UEFI 2.10, 2.3.4; ACPI 15.1);
 * of a BIOS, for which @by_bios, also in what is reserved, and in its ROM: there may be a device.
 */
bool memory_map_has_tables(u64 start, u64 size, bool by_bios);
/* Whether all of it is our image: by its symbols, so from the first instruction on. */
bool memory_map_in_image(u64 start, u64 size);
bool memory_map_meets_image(u64 start, u64 size);
/* Whether RAM is there, or our image: no device. */
bool memory_map_is_ours(u64 address);
/* Bytes of RAM, our image included. */
u64 memory_map_ram_size(void);

/* Where a claim may lie. */
enum memory_place {
	MEMORY_IN_RAM,      /* in RAM, all of it */
	MEMORY_IN_IMAGE,    /* in our image */
	MEMORY_OF_FIRMWARE, /* memory that it keeps: all of it given as reserved, ACPI's or NVS */
	MEMORY_OF_DEVICE,   /* registers: where there is no memory at all, absent or reserved */
};

#define MEMORY_CLAIMS_MAX (MEMORY_RANGES_MAX + 64)

struct memory_claim {
	u64 start; /* whole pages */
	u64 end;
	const char *user; /* "heap", "GHCB", "APIC"; of a static lifetime */
	bool shared;      /* the host sees it; of the image's pages only */
};

/*
 * Makes [@start, +@size), widened to whole pages, @user's. 0; -E_INVAL where it may not lie
 * there, or wraps; -E_BUSY where it meets another claim: memory_map_what() says which; -E_NOSPC
 * where there are too many. What is next to a device's of the same user is one claim with it.
 */
int must_check memory_map_claim(u64 start, u64 size, enum memory_place place, const char *user);
/* Takes the pages out of whatever claims they are in. */
void memory_map_release(u64 start, u64 size);
/* What lies there, for a sentence: a claim's user, or a type; of several the first. */
const char *memory_map_what(u64 start, u64 size);

/* The first claim that ends behind @from: from 0 on, and from each one's end, sees all, sorted. */
bool memory_map_next_claim(u64 from, struct memory_claim *claim);
/* The claim that has @address; false when there is none. */
bool memory_map_claim_of(u64 address, struct memory_claim *claim);
/*
 * For those who change visibility: the image's pages have become shared or private. -E_INVAL, and
 * nothing noted, unless all of them are claimed and in the other state.
 */
int must_check memory_map_set_shared(u64 start, u64 size, bool shared);

/* RAM that nobody claims, behind @from: the next piece in one, whatever ranges it was given in. */
struct memory_piece {
	u64 start, end;
};
bool memory_map_next_free(u64 from, struct memory_piece *piece);
/* The first part of [@at, @end) that is RAM and that nobody has accepted before us. */
bool memory_map_next_unaccepted(u64 at, u64 end, struct memory_piece *part);
