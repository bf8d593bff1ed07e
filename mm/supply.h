/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All of the machine's memory on its way to its users, for mm_init().
 */
#pragma once

#include "mm/usable.h"

struct supply {
	struct usable_ranges ram;
	struct usable_range first;  /* its first units, accepted under the early tables, and */
	struct usable_range tables; /* a part of them, for the page tables of RAM */
};

/*
 * Finds the RAM to use, all but low memory and the image. Accepts the first units of it: they hold
 * all metadata of mm, RAM's page tables, and pages for phys_alloc() to begin with.
 */
const struct supply *supply_init(void);
/* Gives the rest to heap and phys_alloc(), on first use. The final tables are in use by now. */
void supply_hand_out(void);
/* Accepts all whole 2M units now. */
void supply_accept_all(void);
