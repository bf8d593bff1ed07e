/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's memory, frame by frame: who sees what in it. The memory controller enciphers with
 * the key of whoever has the C-bit set, so that a frame has as many contents as there are keys.
 * Here it is kept as its last user sees it, mapped for nobody who sees it otherwise, and changed
 * when somebody else comes. Spec: APM2 15.34.1, 15.34.6.
 */
#pragma once

#include "abi/bits.h"

/* Takes memory, for a machine of @page_count pages. */
void l1_frame_init(u64 page_count);

/*
 * The frame around @pa, which l1_has(), as the guest of @asid has it by its key, or the host (0).
 * Whoever had it mapped with another key has it no more.
 */
void *l1_frame(u64 pa, u32 asid);
/* The same of [@pa, @pa + @size), as the host has it, from @pa on. NULL: not all of it l1_has(). */
void *l1_host_memory(u64 pa, u64 size);

/* All of the aligned 2M around @pa is kept as the host has it. */
bool l1_frame_is_plain_2m(u64 pa);

/* CPUID's: guests that can be encrypted at a time, and from which ASID on those of plain SEV. */
u32 l1_asid_count(void);
u32 l1_sev_asid_first(void);

/*
 * The firmware gives @asid a key by its number, each of which is another's; 0: takes it away. What
 * was kept by the one before is the host's then.
 */
void l1_frame_key(u32 asid, u32 key);

/* Nobody, host or guest, has [@pa, @pa + @size) mapped any more. */
void l1_frame_forget(u64 pa, u64 size);
