/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory, from the early tables to the sealed ones. kernel/main.c calls mm_init() and mm_seal().
 *
 *   0        +---------------------+
 *            | never mapped        |  null page, loader's and BIOS's low memory
 *   1 MiB    +---------------------+
 *            | RAM                 |  private RW NX, 2M entries; mapped when it is accepted
 *   2 MiB    +---------------------+
 *            | image               |  4K entries: text RX, rodata R, ro_after_init RW until sealed,
 *            |                     |  data bss stacks RW NX, guards unmapped, .shared shared RW NX
 *            +---------------------+
 *            | RAM                 |  the same; the heap is a part of it
 *            +---------------------+
 *            | devices             |  shared RW NX uncached, by mmio_map() only
 *   RAM end  +---------------------+
 *            ...
 *   64 TiB   | poke window         |  mm_poke_text()'s temporary writable alias
 *            +---------------------+
 */
#pragma once

#include "abi/bits.h"
#include "early/platform.h"
#include "lib/addr.h"
#include "lib/compiler.h"

#define MM_IDENTITY_END BIT(46)

/*
 * Whether what ends at @end can be RAM or a device. The host says where they are; page tables take
 * an address beyond, or one with the private or shared bit in it, for a bug of ours, and panic.
 */
static inline bool mm_reaches(u64 end)
{
	return end <= BIT(platform.address_width) && end <= MM_IDENTITY_END;
}

/*
 * Builds the final tables and switches to them, with CR0.WP and EFER.NXE. Memory is accepted on
 * first use, or here if @accept_all. Needs boot_info, platform and pv_ops. From here on W^X holds,
 * and phys_alloc() and the heap work.
 */
void mm_init(bool accept_all);

/* Makes text and .data.ro_after_init read-only for good: also mm_poke_text() panics afterwards. */
void mm_seal(void);

/*
 * Claims a device's registers, and maps them: identity, shared, uncached, RW NX. NULL where the
 * memory map has anything but a device: memory_map_what() says what; and where there is no memory
 * for page tables. Mapping a page again changes nothing.
 */
volatile void *mmio_map(pa_t start, u64 size);

/*
 * Writes code through a temporary writable alias: W^X holds all the time. [@address, +@size) is in
 * text. Safe for code that this processor does not execute meanwhile.
 */
void mm_poke_init(void);
void mm_poke_text(void *address, const void *bytes, size_t size);

/* The same for a word of the launch's secrets page, which stays read-only, at any time. */
void mm_poke_secrets(u32 *word, u32 value);

/* Bytes of RAM that are mm's: all but low memory and the image. */
u64 mm_ram_size(void);

/* The final tables, for audits. */
struct pgtable;
struct pgtable *mm_pgtable(void);
