/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which pages the host may see, once the final tables are in use; the only place that changes it.
 * Before that there are early_set_memory_decrypted() and early_set_memory_encrypted().
 */
#pragma once

#include "abi/bits.h"
#include "lib/addr.h"
#include "lib/errno.h"

/*
 * Makes @page_count pages of 4K at @address shared or private. The content is lost either way.
 * Returns 0; -E_INVAL when the range is not page aligned, is empty, is not plain data memory
 * (RW NX), or when any of its pages is in that state already; -E_NOMEM when no table can be had
 * to split a 2M entry. Nothing has changed then. All that sharing took is kept: the same range
 * becomes private again also when no memory is left. When the host refuses, the guest terminates:
 * half a conversion cannot be told from an attack. Whoever frees shared memory panics: the next
 * owner would write his secrets into it.
 */
int must_check set_memory_decrypted(va_t address, u64 page_count);
int must_check set_memory_encrypted(va_t address, u64 page_count);
