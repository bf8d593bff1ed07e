/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical pages: a search for free ones in mm/page_states.h. Memory itself is never touched here
 * but when a page comes back: memory of a confidential guest may not exist yet, and memory that is
 * not used costs nothing.
 */
#pragma once

#include "abi/bits.h"
#include "lib/addr.h"
#include "lib/errno.h"

#define PHYS_ORDER_4K  0
#define PHYS_ORDER_2M  9
#define PHYS_ORDER_MAX PHYS_ORDER_2M

/* Nothing is free yet. After page_states_init(). */
void phys_init(void);
/* Hands over memory that may be used now, whole 4K pages that were not handed over before. */
void phys_add(pa_t start, u64 size);

/*
 * 2^@order pages, aligned to their size, content undefined. Returns 0 and *@block, or -E_NOMEM.
 * When nothing is left, asks phys_set_refill()'s function for more.
 */
int must_check phys_alloc(unsigned int order, pa_t *block);
/* Panics when any part of it is not in use, or shared. A freed 4K page gets overwritten. */
void phys_free(pa_t block, unsigned int order);

/* The seam for lazy acceptance: calls phys_add() and returns 0, or returns -E_NOMEM. */
typedef int (*phys_refill_t)(void);
void phys_set_refill(phys_refill_t refill);

/* Of what was handed over. */
u64 phys_free_bytes(void);
