/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first page tables of our own: static, identity [0,4G), the image in 4K pages. In use from
 * early_start() until mm_init().
 */
#pragma once

#include "lib/addr.h"

/* Everything below 4G. MMIO, in the last gigabyte, is shared. */
#define EARLY_PGTABLE_MMIO_START 0xc0000000

/*
 * Builds the tables with @private_mask in every entry for memory, @shared_mask in those of MMIO,
 * and loads them.
 */
void early_pgtable_init(u64 private_mask, u64 shared_mask);
/*
 * Makes pages of the image private or shared by these masks, and flushes. Only the entry: whoever
 * calls also tells the hypervisor, before or after (paravirt/visibility.h).
 */
void early_pgtable_set_private(va_t start, u64 page_count, bool private);
