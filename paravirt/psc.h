/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page-state changes through the GHCB page, and the validation that belongs to them.
 * Spec: GHCB 4.1.6, APM3 PVALIDATE. A host that refuses or cheats ends the run: terminates.
 */
#pragma once

#include "abi/ghcb.h"
#include "lib/addr.h"

/*
 * Fills @desc with entries from page *gfn on, 2M ones where alignment and length allow, and moves
 * *gfn behind the last; @end is the first page that is not meant.
 */
void psc_fill(struct psc_desc *desc, u64 *gfn, u64 end, unsigned int op);

/* Has @op done to all pages: by the GHCB in batches of 253, by MSR protocol before there is one. */
void psc_change(pa_t start, u64 page_count, unsigned int op);

/* One request as a whole; *desc is private memory. 0, or what the host answered: PSC_ERROR_*. */
u64 psc_request(const struct psc_desc *desc);

/*
 * Whether a page that was just validated may still be in caches with its old contents, which the
 * processor tells by CPUID 0x8000001F. True until this is called.
 */
void psc_set_eviction(bool needed);

/* PVALIDATE of mapped private pages, 2M where possible. One that changes nothing terminates. */
void psc_validate(va_t start, u64 page_count, bool validate);
