/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a processor's TLB holds of each guest, by ASID: shadow tables made from L1's nested ones,
 * entry by entry as L2 touches them. As in a TLB, an entry may be older than L1's tables until L1
 * flushes it.
 *
 * A flush drops nothing that is still what L1's tables say.
 */
#pragma once

#include "monitor/hardware/nested/nested.h"

struct nested_space {
	u32 asid;
	u64 used; /* when last, counted in VMRUNs; 0: nothing is in it */
	u64 ncr3; /* ... with these tables of L1's */
	/* ... and by whom: what the RMP allows depends on it */
	enum nested_mode mode;
	unsigned int vmpl;
	struct npt npt;
};

/* Takes memory, for a machine of @page_count pages. */
void nested_space_init(u64 page_count);

/* The one of n->asid, of n's processor. */
struct nested_space *nested_space_get(struct nested *n);

/* As TLB_CONTROL and INVLPGA ask: what has changed in L1's tables at @ncr3 is dropped. */
void nested_space_flush(struct nested_space *space, u64 ncr3);
/* All of @asid is dropped, of this processor or of all. */
void nested_flush(u32 asid);
void nested_flush_everywhere(u32 asid);
/* ... and of all spaces of n's processor but n's own, whose tables nobody knows. */
void nested_flush_others(const struct nested *n);

/* The RMP's entries of [@pa, @pa + @size) have changed: no guest has these pages any more. */
void nested_forget(u64 pa, u64 size);

/*
 * L2 accesses @address, C-bit included, as EXITINFO1 @info says. True: it is mapped; false:
 * n->fault says why not. Does not: reach beyond 512 GiB, which L1's tables can: L2 shuts down.
 */
bool nested_fill(struct nested *n, u64 address, u64 info);

/* What the processor reaches for L2 at @address; NULL, and n->fault: nothing. */
void *nested_page(struct vcpu *l2, u64 address, enum access_kind kind);
