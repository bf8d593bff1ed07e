/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Visibility of the image's own pages while the early page tables are in use. The same call on
 * every platform; needs pv_init, and hook early_setup where a GHCB does it.
 */
#pragma once

#include "lib/addr.h"
#include "lib/errno.h"

/* @start is page-aligned and inside the image. 0 or a negative code; contents are lost. */
int must_check early_set_memory_decrypted(va_t start, u64 page_count);
int must_check early_set_memory_encrypted(va_t start, u64 page_count);
