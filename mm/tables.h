/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The final page tables, for mm_init(); mm/mm.h has the picture of what they map.
 */
#pragma once

#include "mm/usable.h"

/* Maps all of @ram, which stays where it is, and the image, in pages from phys_alloc(). */
void tables_build(const struct usable_ranges *ram);
/* Loads them, with CR0.WP. */
void tables_switch(void);
