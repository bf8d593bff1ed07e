/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All of the machine's memory on its way to its users, for mm_init().
 */
#pragma once

#include "mm/usable.h"

/*
 * Finds the RAM to use, all but low memory and the image. Accepts the first units of it, by the
 * early tables: they hold all metadata of mm and enough pages for page tables. Returns the RAM.
 */
const struct usable_ranges *supply_init(void);
/* Accepts what is left, which must be mapped now, and gives it to heap and phys_alloc(). */
void supply_hand_out(void);
