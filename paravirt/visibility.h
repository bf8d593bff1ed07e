/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one order of steps by which pages change between private and shared, on every platform:
 * hook page_enc_status_prepare, page tables and TLB, hook notify_page_enc_status_changed.
 * early_set_memory_* and mm's set_memory_* call it, each with its own page tables.
 */
#pragma once

#include "lib/addr.h"
#include "lib/compiler.h"
#include "lib/errno.h"

/* Sets or clears the private mask of mapped pages, and flushes their TLB entries. */
typedef void (*page_private_setter_t)(va_t start, u64 page_count, bool private);

/* Contents and acceptance are lost both ways. @start is page-aligned; 0 or a negative code. */
int must_check page_enc_status_change(va_t start, u64 page_count, bool private,
				      page_private_setter_t set_private);

/*
 * The image's own pages while the early page tables are in use. The same call on every platform;
 * needs pv_init, and hook early_setup where a GHCB does it. @start is inside the image.
 */
int must_check early_set_memory_decrypted(va_t start, u64 page_count);
int must_check early_set_memory_encrypted(va_t start, u64 page_count);

/* One of these two pairs, as is due: early_set_memory_*, or mm's. */
typedef int (*visibility_setter_t)(va_t start, u64 page_count);
/*
 * Claims pages of the image for @user, shares them by @share, and empties them: a page that was
 * just shared holds anything. An error, and nothing is claimed.
 */
int must_check visibility_share(va_t start, u64 page_count, const char *user,
				visibility_setter_t share);
/* The other way round; their content is lost. What nobody has claimed is left alone. */
int must_check visibility_unshare(va_t start, u64 page_count, visibility_setter_t unshare);

/*
 * Where pages have no states the host is told by MAP_GPA_RANGE, by guests with a C-bit,
 * and by KVM guests that have private memory without any bit; the former's caches are flushed.
 * Spec: KVM-HC (MAP_GPA_RANGE), KVM-MSR (MIGRATION_CONTROL), APM2 15.34.9 (cache coherency).
 */

/*
 * Once, when hypercalls work: finds out whether the host wants to be told; tells it of what has
 * been shared so far, and that it will be told of everything.
 */
void map_gpa_init(void);

/* Hook. */
int map_gpa_notify_page_enc_status_changed(va_t start, u64 page_count, bool private);

/* Whether the caches of both mappings are coherent, by CPUID_SEV's EAX: else lines are flushed. */
void sev_set_coherent(u32 sev_eax);
/* The same of SEV and SEV-ES, when the hook cpuid works too: and sev_set_coherent(). */
void sev_pages_init(void);

extern bool sev_is_coherent;
/* Hook; the first step of SNP's, where the caches are not coherent. */
int sev_page_enc_status_prepare(va_t start, u64 page_count, bool private);

/*
 * A host that refused two 2M units in a row will refuse the next: it is not asked for 1, then 2, 4,
 * ... of them, until one is taken.
 */
struct unit_patience {
	u32 skip, refusals;
};
#define UNIT_REFUSALS_MAX 8 /* then each 65th is tried */

/* Several processors may be here: what is lost of their counts does not matter. */
static inline bool unit_is_due(struct unit_patience *p)
{
	u32 skip = READ_ONCE(p->skip);

	if (skip)
		WRITE_ONCE(p->skip, skip - 1);
	return !skip;
}

static inline bool unit_note(struct unit_patience *p, bool is_taken)
{
	u32 refusals = is_taken ? 0 : READ_ONCE(p->refusals) + 1;

	if (refusals > UNIT_REFUSALS_MAX)
		refusals = UNIT_REFUSALS_MAX;
	WRITE_ONCE(p->refusals, refusals);
	WRITE_ONCE(p->skip, refusals < 2 ? 0 : 1U << (refusals - 2));
	return is_taken;
}

/*
 * Calls @take for each 2M unit that lies in the range as a whole, as @patience lets it, and where
 * it says false, or there is none, for each 4K page. Inline, for the sake of the pages that are
 * many.
 */
static inline void page_units_each(u64 start, u64 page_count, bool private,
				   bool (*take)(u64 address, bool is_large, bool private),
				   struct unit_patience *patience)
{
	u64 address = start, end = start + page_count * PAGE_SIZE;

	while (address < end) {
		u64 next = address + PAGE_2M_SIZE;

		if (is_aligned(address, (u64)PAGE_2M_SIZE) && next <= end &&
		    unit_is_due(patience) && unit_note(patience, take(address, true, private))) {
			address = next;
			continue;
		}
		/* Up to the next 2M boundary in 4K steps, then try again. */
		next = align_down(next, (u64)PAGE_2M_SIZE);
		for (; address < end && address < next; address += PAGE_SIZE)
			take(address, false, private);
	}
}
