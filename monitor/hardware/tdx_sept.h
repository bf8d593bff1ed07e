/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The secure EPT as a TD can observe it: the state of every 4K page of guest memory, what ACCEPT,
 * MapGPA and accesses do to it, and what the host does behind it as KVM does.
 * Spec: TDX-BASE (secure EPT), TDX-ABI (TDG.MEM.PAGE.*).
 * Addresses here have no SHARED bit. Not locked: the monitor holds one lock.
 */
#pragma once

#include "abi/bits.h"
#include "abi/tdx.h"
#include "lib/errno.h"
#include "monitor/hardware/page_state.h"
#include "monitor/svm/access.h"
#include "monitor/svm/violation.h"

/*
 * An entry, and the way of a page that the guest converts and accepts:
 *
 *   SEPT_RAM --MapGPA--> +PRIVATE --host adds a page--> +PENDING --ACCEPT--> +MAPPED +DUE
 *   (shared) <-------------------------MapGPA--------------------------------------'
 *
 * The host adds a page when the guest first touches or accepts it. Zero is no memory: a device or
 * nothing, which stays shared.
 */
#define SEPT_RAM     0x01
#define SEPT_PRIVATE 0x02
#define SEPT_PENDING 0x04
#define SEPT_MAPPED  0x08
#define SEPT_LARGE   0x10 /* in a 2M entry: 512 pages, all pending or all mapped */
#define SEPT_DUE     0x20 /* before the page is mapped: noise if it is shared, else zeroes */

struct sept {
	struct page_states pages; /* by guest frame */
	bool small_only;          /* the host adds 4K pages only */
};

/* Where violation is set, nothing changed and status means nothing. */
struct sept_result {
	enum violation violation;
	u64 gpa;    /* the page */
	u64 status; /* TDX_SUCCESS, TDX_PAGE_* with the level, TDX_OPERAND_INVALID for RCX */
	u64 size;   /* of what was accepted, and holds zeroes from now on; else 0 */
};

/* No page is memory. @words as for page_state_init(). */
void sept_init(struct sept *sept, u32 *words, u64 page_count);

/* Behind the last page that has a state. */
static inline u64 sept_end(const struct sept *sept) { return sept->pages.page_count << PAGE_SHIFT; }

/* Whether a page of [gpa, gpa + size) is memory. */
bool sept_has_memory(const struct sept *sept, u64 gpa, u64 size);

/* SEPT_ flags of a page; 0 outside of the table. */
u32 sept_flags(const struct sept *sept, u64 gpa);
static inline bool sept_is_private(const struct sept *sept, u64 gpa)
{
	return sept_flags(sept, gpa) & SEPT_PRIVATE;
}

/*
 * Launch: [gpa, gpa + size) is private memory, not there until the guest accepts it; or, if
 * @added, in the TD from the start, by 4K as TDH.MEM.PAGE.ADD does. -E_INVAL: not page-aligned;
 * -E_RANGE: not all inside the table.
 */
must_check int sept_assign(struct sept *sept, u64 gpa, u64 size, bool added);

/*
 * TDG.MEM.PAGE.ACCEPT of @operand, which is RCX without its checks of GPA width. Whether a page
 * that is accepted already may be accepted again is the caller's to judge by the status.
 */
struct sept_result sept_accept(struct sept *sept, u64 operand);

/*
 * TDG.MEM.PAGE.ATTR.RD of the page at @gpa: the host adds the page where there is none. @level
 * and @pending say what it is.
 */
struct sept_result sept_attributes(struct sept *sept, u64 gpa, unsigned int *level, bool *pending);

/*
 * The host's side of MapGPA: [gpa, gpa + size), page-aligned. To shared, memory loses its contents
 * and is poisoned; what is no memory already is. To private, memory waits to be accepted; what is
 * private already keeps its state. -E_RANGE: no memory can become private (nothing changed).
 */
must_check int sept_convert(struct sept *sept, u64 gpa, u64 size, bool private);

/*
 * TDH.MEM.PAGE.REMOVE of one page behind the TD's back; the next one there has to be accepted.
 * False: there is none that was accepted.
 */
bool sept_remove(struct sept *sept, u64 gpa);

/*
 * Judges an access; @shared: through a mapping with the SHARED bit. With paging off, or without
 * PAE, every access is private. A page not accepted is VIOLATION_TDX_ACCESS_NOT_ACCEPTED: where the
 * TD gets #VE for it instead, the caller knows.
 */
enum violation sept_access(struct sept *sept, u64 gpa, bool shared, enum access_kind kind);

/*
 * The pages around the one at @gpa, in its 2M, that a nested mapping which is right for it is right
 * for too: where they begin, and their @size.
 */
u64 sept_alike(const struct sept *sept, u64 gpa, u64 *size);

/* What was due in [gpa, gpa + size) is written; pages outside of the table are left out. */
void sept_written(struct sept *sept, u64 gpa, u64 size);
