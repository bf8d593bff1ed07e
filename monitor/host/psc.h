/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page-state change request of the GHCB page: a descriptor with up to 253 entries, taken up
 * where cur_entry and cur_page say, answered as KVM does.
 * Spec: GHCB 4.1.6. Stricter than KVM: reserved bits of an entry and unknown operations are
 * errors. Those of the header are the caller's to judge.
 */
#pragma once

#include "abi/ghcb.h"
#include "monitor/hardware/rmp.h"

/* Called for each page whose state an entry asks for, after the RMP has it. */
typedef void (*psc_changed_t)(void *context, u64 gpa, u64 size, bool private);

struct psc_result {
	enum violation violation;
	u64 gpa;              /* of the page that violates */
	u64 error;            /* SW_EXITINFO2: 0 or PSC_ERROR_* */
	unsigned int entries; /* finished by this call */
	u64 private_count;    /* 4K pages */
	u64 shared_count;     /* 4K pages */
};

/*
 * Pages that one exit changes, but for the rest of an entry: other processors wait for the lock
 * meanwhile. The guest asks again for what is left, as the specification has it.
 */
#define PSC_PAGES_MAX (16 * PAGES_PER_2M)

/*
 * Works through @desc, a copy that the guest cannot change and that the caller writes back, with
 * room for @capacity entries. cur_entry and cur_page tell how far it came.
 */
struct psc_result psc_process(struct psc_desc *desc, unsigned int capacity, struct rmp *rmp,
			      psc_changed_t changed, void *context);

/*
 * The same for a range as KVM_HC_MAP_GPA_RANGE names it, by 2M where a whole one fits; error is
 * 0 or PSC_ERROR_GENERIC. Stops at the first page that cannot be changed, or when it is enough: the
 * counts tell how far it came.
 */
struct psc_result psc_map_range(struct rmp *rmp, u64 gpa, u64 page_count, bool private,
				psc_changed_t changed, void *context);
