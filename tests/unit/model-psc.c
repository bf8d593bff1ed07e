/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page-state change request is done entry by entry, can be taken up where it stopped, and
 * answers each malformed descriptor with the error that KVM and the specification have for it.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../monitor/host/psc.c"
#include "../../monitor/hardware/page_state.c"
#include "../../monitor/hardware/rmp.c"
#include "../../monitor/hardware/rmp_rules.c"

#define M2    ((u64)PAGE_2M_SIZE)
#define PAGES (4 * 512)
#define MANY  (40 * PAGES_PER_2M)

static u32 many[PAGE_STATE_WORDS(MANY)];
static u32 entries[PAGE_STATE_WORDS(PAGES)];
static struct rmp rmp;
static struct psc_desc desc;

/* What the callback saw. */
static u64 changed_calls, changed_bytes, changed_last;
static bool changed_private;

static void note_change(void *context, u64 gpa, u64 size, bool private)
{
	assert(context == &desc);
	assert(rmp_is_shared(&rmp, gpa) == !private);
	changed_calls++;
	changed_bytes += size;
	changed_last = gpa;
	changed_private = private;
}

/* The first 2M shared, the second validated, the third private but not validated. */
static void setup(void)
{
	rmp_init(&rmp, entries, PAGES);
	assert(!rmp_assign(&rmp, M2, M2, RMP_VALIDATED));
	assert(!rmp_assign(&rmp, 2 * M2, M2, 0));
	memset(&desc, 0, sizeof(desc));
	changed_calls = 0;
	changed_bytes = 0;
}

static struct psc_result run(void)
{
	return psc_process(&desc, PSC_ENTRY_MAX, &rmp, note_change, &desc);
}

static void test_batch(void)
{
	struct psc_result r;

	setup();
	desc.header.end_entry = PSC_ENTRY_MAX - 1;
	for (u64 i = 0; i < PSC_ENTRY_MAX; i++)
		desc.entries[i] = psc_entry(i, PSC_OP_PRIVATE, PSC_PAGE_SIZE_4K);
	r = run();
	assert(!r.violation && !r.error && r.entries == PSC_ENTRY_MAX);
	assert(r.private_count == PSC_ENTRY_MAX && r.shared_count == 0);
	assert(changed_calls == PSC_ENTRY_MAX && changed_private);
	assert(changed_last == (u64)(PSC_ENTRY_MAX - 1) * PAGE_SIZE);
	assert(desc.header.cur_entry == PSC_ENTRY_MAX);
	assert(psc_entry_cur_page(desc.entries[0]) == 1 && psc_entry_gfn(desc.entries[1]) == 1);
	/* done is done */
	r = run();
	assert(!r.error && !r.entries && changed_calls == PSC_ENTRY_MAX);
}

static void test_large(void)
{
	struct psc_result r;

	setup();
	desc.header.end_entry = 1;
	desc.entries[0] = psc_entry(0, PSC_OP_PRIVATE, PSC_PAGE_SIZE_2M);
	desc.entries[1] = psc_entry(1024, PSC_OP_SHARED, PSC_PAGE_SIZE_2M);
	r = run();
	assert(!r.violation && !r.error && r.entries == 2);
	assert(r.private_count == 512 && r.shared_count == 512);
	assert(changed_calls == 2 && changed_bytes == 2 * M2);
	assert(rmp_flags(&rmp, 0) & RMP_LARGE && rmp_is_shared(&rmp, 2 * M2));
	assert(psc_entry_cur_page(desc.entries[0]) == 512);
}

/* An entry that was interrupted goes on by 4K. */
static void test_resume(void)
{
	struct psc_result r;

	setup();
	desc.header.cur_entry = 1;
	desc.header.end_entry = 1;
	desc.entries[0] = psc_entry(512, PSC_OP_SHARED, PSC_PAGE_SIZE_2M); /* not looked at */
	desc.entries[1] = psc_entry(0, PSC_OP_PRIVATE, PSC_PAGE_SIZE_2M) | 510;
	r = run();
	assert(!r.error && r.entries == 1 && r.private_count == 2 && changed_calls == 2);
	assert(rmp_is_shared(&rmp, 509 * PAGE_SIZE) && !rmp_is_shared(&rmp, 510 * PAGE_SIZE));
	assert(!(rmp_flags(&rmp, 511 * PAGE_SIZE) & RMP_LARGE));
}

static void test_still_validated(void)
{
	struct psc_result r;

	setup();
	desc.header.end_entry = 1;
	desc.entries[0] = psc_entry(1024, PSC_OP_SHARED, PSC_PAGE_SIZE_4K);
	desc.entries[1] = psc_entry(600, PSC_OP_SHARED, PSC_PAGE_SIZE_4K);
	r = run();
	assert(r.violation == VIOLATION_PSC_SHARED_VALIDATED && r.gpa == 600 * PAGE_SIZE);
	assert(r.entries == 1 && desc.header.cur_entry == 1 && changed_calls == 1);
	assert(!rmp_is_shared(&rmp, 600 * PAGE_SIZE));
}

static void test_hints(void)
{
	struct psc_result r;

	setup();
	desc.header.end_entry = 2;
	desc.entries[0] = psc_entry(512, PSC_OP_PSMASH, PSC_PAGE_SIZE_2M);
	desc.entries[1] = psc_entry(512, PSC_OP_UNSMASH, PSC_PAGE_SIZE_2M);
	desc.entries[2] = psc_entry(0, PSC_OP_PSMASH, PSC_PAGE_SIZE_2M); /* nothing to smash */
	desc.header.end_entry = 0;
	r = run();
	assert(!r.error && !(rmp_flags(&rmp, M2) & RMP_LARGE));
	desc.header.end_entry = 2;
	r = run();
	assert(!r.error && rmp_flags(&rmp, M2) & RMP_LARGE && r.entries == 2 && !changed_calls);
}

/* By 4K up to a 2M boundary, by 2M, and by 4K again; a page still validated stops it. */
static void test_map_range(void)
{
	struct psc_result r;

	setup();
	r = psc_map_range(&rmp, 2 * M2 - PAGE_SIZE, 1 + 512 + 3, true, note_change, &desc);
	assert(!r.error && r.private_count == 516 && changed_calls == 1 + 1 + 3);
	assert(rmp_flags(&rmp, 2 * M2 - PAGE_SIZE) & RMP_VALIDATED); /* was private: as it was */
	r = psc_map_range(&rmp, 2 * M2, 514, false, note_change, &desc);
	assert(!r.error && r.shared_count == 514 && rmp_is_shared(&rmp, 2 * M2));
	assert(!rmp_is_shared(&rmp, 3 * M2 + 2 * PAGE_SIZE));
	r = psc_map_range(&rmp, M2 - PAGE_SIZE, 2, false, note_change, &desc);
	assert(r.violation == VIOLATION_PSC_SHARED_VALIDATED && r.gpa == M2 && r.error);
	r = psc_map_range(&rmp, 4 * M2 - PAGE_SIZE, 2, true, note_change, &desc);
	assert(!r.violation && r.error == PSC_ERROR_GENERIC && r.private_count == 1);
	assert(!rmp_is_shared(&rmp, 4 * M2 - PAGE_SIZE));
}

/* A guest that asks for much gets it piece by piece: a batch in exits, a range in calls. */
static void test_bounded(void)
{
	unsigned int calls = 0;
	struct psc_result r;

	setup();
	for (unsigned int i = 0; i < 40; i++)
		desc.entries[i] = psc_entry(0, i % 2 ? PSC_OP_SHARED : PSC_OP_PRIVATE, 1);
	desc.header.end_entry = 39;
	r = run();
	assert(!r.error && r.entries == 16 && desc.header.cur_entry == 16);
	r = run();
	assert(!r.error && r.entries == 16 && desc.header.cur_entry == 32);
	r = run();
	assert(!r.error && r.entries == 8 && desc.header.cur_entry == 40);

	rmp_init(&rmp, many, MANY);
	for (u64 done = 1; done < MANY; done += r.private_count, calls++) {
		r = psc_map_range(&rmp, done * PAGE_SIZE, MANY - done, true, note_change, &desc);
		assert(!r.error && r.private_count && !r.shared_count);
		assert(r.private_count < PSC_PAGES_MAX + PAGES_PER_2M);
	}
	assert(calls == 3 && rmp_is_shared(&rmp, 0));
	for (u64 i = 1; i < MANY; i++)
		assert(!rmp_is_shared(&rmp, i * PAGE_SIZE));
}

/* One entry that must be refused with @error and change nothing. */
static void refuse_entry(u64 entry, u64 error)
{
	struct psc_result r;

	setup();
	desc.entries[0] = entry;
	r = run();
	assert(!r.violation && r.error == error && !r.entries && !changed_calls);
	assert(desc.header.cur_entry == 0);
}

static void test_refusals(void)
{
	const u64 good = psc_entry(0, PSC_OP_PRIVATE, PSC_PAGE_SIZE_4K);

	refuse_entry(psc_entry(0, 0, 0), PSC_ERROR_INVALID_ENTRY);
	refuse_entry(psc_entry(0, 5, 0), PSC_ERROR_INVALID_ENTRY);
	refuse_entry(psc_entry(0, 15, 0), PSC_ERROR_INVALID_ENTRY);
	refuse_entry(good | BIT(57), PSC_ERROR_INVALID_ENTRY);
	refuse_entry(good | BIT(63), PSC_ERROR_INVALID_ENTRY);
	refuse_entry(good | 2, PSC_ERROR_INVALID_ENTRY); /* page 2 of 1 */
	refuse_entry(psc_entry(0, PSC_OP_PRIVATE, 1) | 513, PSC_ERROR_INVALID_ENTRY);
	refuse_entry(psc_entry(1, PSC_OP_PRIVATE, 1), PSC_ERROR_INVALID_ENTRY); /* unaligned */
	refuse_entry(psc_entry(PAGES, PSC_OP_PRIVATE, 0), PSC_ERROR_GENERIC);
	refuse_entry(psc_entry(~U64_C(0), PSC_OP_SHARED, 0), PSC_ERROR_GENERIC);
}

static void refuse_header(unsigned int capacity, u16 end)
{
	struct psc_result r;

	setup();
	desc.header.end_entry = end;
	desc.entries[0] = psc_entry(0, PSC_OP_PRIVATE, 0);
	r = psc_process(&desc, capacity, &rmp, note_change, &desc);
	assert(r.error == PSC_ERROR_INVALID_HEADER && !changed_calls && !r.entries);
}

int main(void)
{
	test_batch();
	test_large();
	test_resume();
	test_still_validated();
	test_hints();
	test_map_range();
	test_bounded();
	test_refusals();
	refuse_header(PSC_ENTRY_MAX, PSC_ENTRY_MAX);
	refuse_header(PSC_ENTRY_MAX, 0xffff);
	refuse_header(1, 1);
	refuse_header(1000, PSC_ENTRY_MAX);
	refuse_header(0, 0);
	return 0;
}
