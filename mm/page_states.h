/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of each page of RAM that mm hands out: the memory map's lowest layer. A page is in
 * one state, and leaves it by a step that somebody asks for by both names; any other step is
 * refused, so that nothing is free and in use, or free while the host sees it.
 *
 *                     heap_grow()             set_memory_decrypted()
 *   GIVEN ---> (accepted) ------------> USED <------------------------> SHARED
 *                  |                    ^  |    set_memory_encrypted()
 *                  | phys_add()  alloc  |  | free
 *                  +-----------> FREE --+  |
 *                                 ^--------+
 *
 * A record of 4 bytes for each 2M unit, and 2 bits a page for units whose pages differ, written
 * first when they do: 600 KiB for 8 GiB of RAM, 66 MiB for 1 TiB, of which 2 MiB are touched at
 * first. One lock, held by the caller, and never while anything is accepted or converted.
 */
#pragma once

#include "abi/bits.h"
#include "lib/addr.h"
#include "lib/compiler.h"
#include "lib/errno.h"

#define UNIT_PAGES (PAGE_2M_SIZE / PAGE_SIZE)

enum page_state {
	PAGE_GIVEN, /* as the map has it, which says whether it is accepted */
	PAGE_FREE,
	PAGE_USED, /* private; by the heap, by mm, or by who got it from phys_alloc() */
	PAGE_SHARED,
	/* Of a whole unit only: */
	UNIT_MIXED,     /* its pages differ */
	UNIT_ACCEPTING, /* a processor is at it */
	UNIT_ACCEPTED,  /* ahead of its use */
};

/* 2M units in [0, @limit), the last one perhaps in part. */
static inline u64 units_of(u64 limit) { return align_up(limit, (u64)PAGE_2M_SIZE) / PAGE_2M_SIZE; }

/* Bytes of metadata for memory in [0, @limit). */
u64 page_states_size(u64 limit);
/* All pages are GIVEN. @metadata is page aligned and lives for ever. */
void page_states_init(void *metadata, u64 limit);
u64 page_states_limit(void); /* in units */

void page_states_lock(void);
void page_states_unlock(void);

/* Whole pages from one state to another: 0; or -E_INVAL, and none moved, if any is not @from. */
int must_check page_states_move(u64 start, u64 size, enum page_state from, enum page_state to);
/* Whether all pages that [start, +size) touches are private and in use. Takes the lock. */
bool page_states_are_used(pa_t start, u64 size);
/* For a sentence: the state of the first page that is not @state. */
const char *page_states_what(u64 start, u64 size, enum page_state state);

enum page_state unit_state(u64 unit);
/* Also a state that pages do not have. */
void unit_set_state(u64 unit, enum page_state state);
unsigned int unit_free_pages(u64 unit);
/* The first run of @count free pages in a unit, aligned to its size, or -E_NOMEM. */
int must_check unit_find_free(u64 unit, unsigned int count);
