/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All of the machine's memory on its way to its users, for mm_init(). All of it is claimed here:
 * "mm", "heap", "pages".
 */
#pragma once

#include "early/memory_map.h"

struct supply {
	struct memory_piece first;  /* its first units, accepted under the early tables, and */
	struct memory_piece tables; /* a part of them, for the page tables of RAM */
};

/*
 * Accepts the first units of RAM: they hold all metadata of mm, RAM's page tables, and pages for
 * phys_alloc() to begin with.
 */
const struct supply *supply_init(void);
/* Gives the rest to heap and phys_alloc(), on first use. The final tables are in use by now. */
void supply_hand_out(void);
/* Accepts all whole 2M units now. */
void supply_accept_all(void);
