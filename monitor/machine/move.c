/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See move.h. The copy is as the image was when it was loaded, but for what is __kept, and with the
 * distance added to every address that .relr.dyn lists.
 * Spec: ELF gABI (relative relocation table).
 */
#include "monitor/machine/move.h"

#include "lib/string.h"
#include "monitor/machine/entry.h"
#include "monitor/machine/memory.h"

extern u8 bss_start[], bss_end[], kept_start[], kept_end[];
extern const u64 relr_start[], relr_end[];

static void *moved(const void *here, u64 distance) { return (u8 *)here + distance; }

/* An even entry is a place; an odd one tells by a bit each which of the next 63 words are too. */
static void relocate(u64 distance)
{
	u64 *next = NULL;

	for (const u64 *r = relr_start; r < relr_end; r++) {
		if (!(*r & 1)) {
			next = (u64 *)(*r + distance);
			*next++ += distance;
			continue;
		}
		for (unsigned int i = 0; i < 63; i++)
			if (*r >> (i + 1) & 1)
				next[i] += distance;
		next += 63;
	}
}

/* The first and the last entries of the two upper levels are all that there is in them. */
static void move_tables(u64 distance)
{
	u64 *pml5 = moved(host_pml5, distance), *pml4 = moved(host_pml4, distance);

	pml5[0] += distance;
	pml5[HOST_ALIAS_ENTRY] += distance;
	pml4[0] += distance;
	pml4[HOST_ALIAS_ENTRY] += distance;
	*(u32 *)moved(&host_root, distance) += (u32)distance;
}

noreturn_t move_image(void)
{
	u64 to = (u64)memory_alloc_dirty((u64)(monitor_end - monitor_start));
	u64 distance = to - (u64)monitor_start;

	memcpy((void *)to, monitor_start, (size_t)(bss_start - monitor_start));
	memset(moved(bss_start, distance), 0, (size_t)(bss_end - bss_start));
	memcpy(moved(kept_start, distance), kept_start, (size_t)(kept_end - kept_start));
	relocate(distance);
	move_tables(distance);
	entry_leave(distance);
}
