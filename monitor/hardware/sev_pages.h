/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of an SEV or SEV-ES guest: by which of its two aliases each was used last. There is no RMP:
 * nothing is forbidden, but what was written through one alias reads as noise through the other,
 * and as itself again through its own. Beside that the host's books, for a migration: what the
 * guest told it of a page.
 * Spec: APM2 15.34.4 (memory access), KVM-HC (MAP_GPA_RANGE).
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"
#include "monitor/hardware/page_state.h"

#define SEV_PAGE_SHARED 0x01 /* last used without the C-bit; else with it, or not at all */
#define SEV_PAGE_POISON 0x02 /* contents go through the cipher before anyone sees the page */
#define SEV_PAGE_KEPT   0x04 /* firmware's own text, the same through both aliases */
#define SEV_PAGE_TOLD   0x08 /* the host was told that it is shared; else, or at first, private */
#define SEV_PAGE_BACK   0x10 /* ... and then private again, since it was used as shared last */

struct sev_pages {
	struct page_states pages; /* by guest frame */
};

/* Every page is private, with the contents that it has. @words as for page_state_init(). */
void sev_pages_init(struct sev_pages *pages, u32 *words, u64 page_count);

/* SEV_PAGE_* of a page; 0 outside of the table. */
u32 sev_pages_flags(const struct sev_pages *pages, u64 gpa);

/*
 * Launch: [gpa, gpa + size) is private; @flags is 0, SEV_PAGE_POISON or SEV_PAGE_KEPT.
 * -E_INVAL: not page-aligned; -E_RANGE: not all inside the table.
 */
must_check int sev_pages_assign(struct sev_pages *pages, u64 gpa, u64 size, u32 flags);

/* The page is used through one alias. True: it was the other one so far, and is to be poisoned. */
bool sev_pages_use(struct sev_pages *pages, u64 gpa, bool shared);

/*
 * The same by the shared alias for the pages from @gpa on that are alike, no more than @page_count:
 * how many. *@used: it was the other one.
 */
u64 sev_pages_share(struct sev_pages *pages, u64 gpa, u64 page_count, bool *used);

/* All of them are in the table. */
bool sev_pages_has(const struct sev_pages *pages, u64 gpa, u64 page_count);
/* KVM_HC_MAP_GPA_RANGE of such, which says what a page is, and changes nothing. */
void sev_pages_tell(struct sev_pages *pages, u64 gpa, u64 page_count, bool private);
/*
 * What the guest took back by sev_pages_tell() and shared before is looked at once more when it is
 * used next: sev_pages_was_back() tells of a page, once.
 */
void sev_pages_back(struct sev_pages *pages, u64 gpa, u64 page_count);
bool sev_pages_was_back(struct sev_pages *pages, u64 gpa);
/* Whether the page's use is what the host was told; firmware's pages, and no memory, always are. */
bool sev_pages_is_as_told(const struct sev_pages *pages, u64 gpa);

/*
 * The pages around the one at @gpa, in its 2M, that a nested mapping which is right for it is right
 * for too: where they begin, and their @size.
 */
u64 sev_pages_alike(const struct sev_pages *pages, u64 gpa, u64 *size);

/* The caller has had the cipher over [gpa, gpa + size); pages outside of the table are left out. */
void sev_pages_poisoned(struct sev_pages *pages, u64 gpa, u64 size);
