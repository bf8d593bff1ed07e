/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nested page tables. A guest-physical address is the machine's; what differs is the view:
 *
 *   root of a paged SNP guest     [0] shared view, [C-bit] private view
 *   root of a TD                  [0] private view, [SHARED] shared view
 *   root of either, unpaged       private view: without paging there is no such bit
 *   root of a plain guest         one view
 *
 * Mappings are made when the guest faults on them and dropped when a page's state changes.
 */
#pragma once

#include "abi/bits.h"

enum npt_view {
	NPT_SHARED, /* the only view of a plain guest */
	NPT_PRIVATE,
	NPT_VIEW_COUNT,
};

/* Room for tables of @memory_size bytes of guest memory in all views. */
void npt_init(u64 memory_size);

/* The root for the VMCB. */
u64 npt_root(bool always_private);

/* Maps the page of @size (4K or 2M) around @gpa to the machine's at @host; @execute: else NX. */
void npt_map(enum npt_view view, u64 gpa, u64 host, u64 size, bool write, bool execute);
/* Drops those of the shared view alone, 4K ones. */
void npt_unmap_shared(u64 gpa);
/* Drops mappings of [gpa, gpa + size) in all views, and a whole 2M one that covers part of it. */
void npt_unmap(u64 gpa, u64 size);
/* Grows whenever something was unmapped: who entered at an older one has a stale TLB. */
extern u64 npt_generation;
/* No processor has a translation from before: tables that are not in use any more can be reused. */
void npt_flushed(void);
