/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first page tables of our own: static, identity [0,4G), the image in 4K pages. In use from
 * early_start() until mm_init().
 */
#pragma once

#include "lib/addr.h"

/* Everything below 4G. MMIO, in the last gigabyte, never has the private bit. */
#define EARLY_PGTABLE_MMIO_START 0xc0000000

/* Builds the tables with @private_mask in every entry for memory, and loads them. */
void early_pgtable_init(u64 private_mask);
/*
 * Sets or clears the private mask of pages of the image, and flushes. Only the entry: whoever calls
 * also tells the hypervisor, before or after (paravirt/early_set_memory.h).
 */
void early_pgtable_set_private(va_t start, u64 page_count, bool private);
