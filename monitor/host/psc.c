/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page-state change request: see psc.h.
 */
#include "monitor/host/psc.h"
#include "lib/compiler.h"

struct psc_run {
	struct rmp *rmp;
	psc_changed_t changed;
	void *context;
	struct psc_result *result;
};

static u64 entry_pages(u64 entry)
{
	return psc_entry_page_size(entry) == PSC_PAGE_SIZE_2M ? PAGES_PER_2M : 1;
}

static u64 with_cur_page(u64 entry, u64 cur_page)
{
	return (entry & ~bits_put(~U64_C(0), 11, 0)) | bits_put(cur_page, 11, 0);
}

static bool entry_ok(u64 entry)
{
	u64 pages = entry_pages(entry);
	unsigned int op = psc_entry_op(entry);

	return op >= PSC_OP_PRIVATE && op <= PSC_OP_UNSMASH && !psc_entry_reserved(entry) &&
	       psc_entry_cur_page(entry) <= pages && is_aligned(psc_entry_gfn(entry), pages);
}

/* Smashing and joining are hints: where there is nothing to smash or join, nothing is wrong. */
static void give_hint(struct rmp *rmp, u64 gpa, unsigned int op)
{
	int unable = op == PSC_OP_PSMASH ? rmp_smash(rmp, gpa) : rmp_unsmash(rmp, gpa);

	(void)unable;
}

/* One page, 4K or 2M, of an entry. 0, or PSC_ERROR_ with a violation noted where that is it. */
static u64 change_page(struct psc_run *run, u64 gpa, bool large, unsigned int op)
{
	u64 pages = large ? PAGES_PER_2M : 1;
	struct rmp_result change = { 0 };
	int error;

	if (op == PSC_OP_PRIVATE)
		error = rmp_make_private(run->rmp, gpa, large);
	else
		error = rmp_make_shared(run->rmp, gpa, large, &change);
	if (change.violation) {
		run->result->violation = change.violation;
		run->result->gpa = change.gpa;
	}
	if (error || change.violation)
		return PSC_ERROR_GENERIC;
	if (op == PSC_OP_PRIVATE)
		run->result->private_count += pages;
	else
		run->result->shared_count += pages;
	run->changed(run->context, gpa, pages * PAGE_SIZE, op == PSC_OP_PRIVATE);
	return 0;
}

/* What is left of an entry; one begun before goes on by 4K, as KVM does it. */
static u64 process_entry(struct psc_run *run, u64 *entry)
{
	u64 pages = entry_pages(*entry), done = psc_entry_cur_page(*entry), error = 0;
	u64 gpa = psc_entry_gfn(*entry) << PAGE_SHIFT;
	unsigned int op = psc_entry_op(*entry);

	if (!entry_ok(*entry))
		return PSC_ERROR_INVALID_ENTRY;
	if (op == PSC_OP_PSMASH || op == PSC_OP_UNSMASH) {
		give_hint(run->rmp, gpa, op);
		done = pages;
	} else if (!done && pages > 1) {
		error = change_page(run, gpa, true, op);
		done = error ? 0 : pages;
	}
	for (; !error && done < pages; done++) {
		error = change_page(run, gpa + done * PAGE_SIZE, false, op);
		if (error)
			break;
	}
	*entry = with_cur_page(*entry, done);
	return error;
}

static bool is_enough(const struct psc_result *result)
{
	return result->private_count + result->shared_count >= PSC_PAGES_MAX;
}

struct psc_result psc_process(struct psc_desc *desc, unsigned int capacity, struct rmp *rmp,
			      psc_changed_t changed, void *context)
{
	struct psc_header *header = &desc->header;
	struct psc_result result = { 0 };
	struct psc_run run = { rmp, changed, context, &result };

	if (capacity > PSC_ENTRY_MAX)
		capacity = PSC_ENTRY_MAX;
	if (header->end_entry >= capacity) {
		result.error = PSC_ERROR_INVALID_HEADER;
		return result;
	}
	while (header->cur_entry <= header->end_entry && !is_enough(&result)) {
		result.error = process_entry(&run, &desc->entries[header->cur_entry]);
		if (result.error)
			break;
		header->cur_entry++;
		result.entries++;
	}
	return result;
}

struct psc_result psc_map_range(struct rmp *rmp, u64 gpa, u64 page_count, bool private,
				psc_changed_t changed, void *context)
{
	struct psc_result result = { 0 };
	struct psc_run run = { rmp, changed, context, &result };
	unsigned int op = private ? PSC_OP_PRIVATE : PSC_OP_SHARED;

	while (page_count && !result.error && !is_enough(&result)) {
		bool large = is_aligned(gpa, PAGE_2M_SIZE) && page_count >= PAGES_PER_2M;
		u64 pages = large ? PAGES_PER_2M : 1;

		result.error = change_page(&run, gpa, large, op);
		gpa += pages * PAGE_SIZE;
		page_count -= pages;
	}
	return result;
}
