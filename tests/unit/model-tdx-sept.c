/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each page of a TD follows ACCEPT, MapGPA and accesses as TDX-ABI says and as KVM answers, with
 * the level in every refusal; every illegal step comes back by its name with nothing changed.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../monitor/hardware/page_state.c"
#include "../../monitor/hardware/tdx_sept.c"

#define M2     ((u64)PAGE_2M_SIZE)
#define PAGES  (4 * PAGES_PER_2M + 7) /* the last 2M is not whole */
#define LAST   ((u64)(PAGES - 1) * PAGE_SIZE)
#define BEHIND ((u64)PAGES * PAGE_SIZE)

/* Accepted, and nobody has looked at it yet. */
#define ACCEPTED (SEPT_RAM | SEPT_PRIVATE | SEPT_MAPPED | SEPT_DUE)

static u32 entries[PAGE_STATE_WORDS(PAGES)];
static u32 before[PAGES];
static struct sept sept;

/* 0: no memory; [2M, 4M): in the TD from the start; [4M, 8M) and the rest: to be accepted. */
static void setup(void)
{
	memset(entries, 0xa5, sizeof(entries));
	sept_init(&sept, entries, PAGES);
	assert(!sept_assign(&sept, M2, M2, true));
	assert(!sept_assign(&sept, 2 * M2, BEHIND - 2 * M2, false));
	for (u64 i = 0; i < PAGES; i++)
		before[i] = get(&sept, i);
}

static bool unchanged(void)
{
	for (u64 i = 0; i < PAGES; i++)
		if (before[i] != get(&sept, i))
			return false;
	return true;
}

static u32 flags_at(u64 gpa) { return sept_flags(&sept, gpa); }

static bool is_uniform_2m(u64 gpa)
{
	u64 size;

	return sept_alike(&sept, gpa, &size) <= gpa && size == PAGE_2M_SIZE;
}

static struct sept_result accept(u64 gpa, unsigned int level)
{
	return sept_accept(&sept, tdx_page_operand(gpa, level));
}

static bool accepted(struct sept_result r, u64 gpa, u64 size)
{
	return !r.violation && !r.status && r.gpa == gpa && r.size == size;
}

static bool answers(struct sept_result r, u64 status)
{
	return !r.violation && r.status == status && !r.size;
}

static void test_init_and_assign(void)
{
	setup();
	assert(page_state_size(PAGES) == sizeof(entries));
	assert(flags_at(0) == 0 && flags_at(BEHIND) == 0);
	assert(flags_at(M2) == (SEPT_RAM | SEPT_PRIVATE | SEPT_MAPPED));
	assert(flags_at(2 * M2) == (SEPT_RAM | SEPT_PRIVATE));
	assert(!sept_is_private(&sept, 0) && sept_is_private(&sept, M2));
	assert(sept_assign(&sept, 1, PAGE_SIZE, false) == -E_INVAL);
	assert(sept_assign(&sept, 0, 1, false) == -E_INVAL);
	assert(sept_assign(&sept, LAST, 2 * PAGE_SIZE, false) == -E_RANGE);
	assert(sept_assign(&sept, BEHIND, PAGE_SIZE, false) == -E_RANGE);
	assert(sept_assign(&sept, PAGE_SIZE, -(u64)PAGE_SIZE, false) == -E_RANGE);
	assert(unchanged());
}

static void test_accept_2m(void)
{
	setup();
	assert(accepted(accept(2 * M2, TDX_LEVEL_2M), 2 * M2, M2));
	assert(flags_at(3 * M2 - 1) == (ACCEPTED | SEPT_LARGE));
	/* what is accepted says so, with the level of the page that is there */
	assert(answers(accept(2 * M2, TDX_LEVEL_2M), TDX_PAGE_ALREADY_ACCEPTED | TDX_LEVEL_2M));
	assert(answers(accept(2 * M2 + PAGE_SIZE, TDX_LEVEL_4K),
		       TDX_PAGE_ALREADY_ACCEPTED | TDX_LEVEL_2M));
	assert(answers(accept(M2, TDX_LEVEL_4K), TDX_PAGE_ALREADY_ACCEPTED | TDX_LEVEL_4K));
	assert(answers(accept(M2, TDX_LEVEL_2M), TDX_PAGE_SIZE_MISMATCH | TDX_LEVEL_2M));
}

static void test_accept_4k(void)
{
	setup();
	assert(accepted(accept(2 * M2 + PAGE_SIZE, TDX_LEVEL_4K), 2 * M2 + PAGE_SIZE, PAGE_SIZE));
	assert(flags_at(2 * M2 + PAGE_SIZE) == ACCEPTED);
	assert(flags_at(2 * M2) == (SEPT_RAM | SEPT_PRIVATE));
	/* smaller pages below: the guest must go on by 4K */
	assert(answers(accept(2 * M2, TDX_LEVEL_2M), TDX_PAGE_SIZE_MISMATCH | TDX_LEVEL_2M));
	assert(accepted(accept(2 * M2, TDX_LEVEL_4K), 2 * M2, PAGE_SIZE));
	/* a 2M page that an access brought is split by the host */
	assert(sept_access(&sept, 3 * M2, false, ACCESS_READ) == VIOLATION_TDX_ACCESS_NOT_ACCEPTED);
	assert(flags_at(3 * M2) == (SEPT_RAM | SEPT_PRIVATE | SEPT_PENDING | SEPT_LARGE));
	assert(accepted(accept(3 * M2 + PAGE_SIZE, TDX_LEVEL_4K), 3 * M2 + PAGE_SIZE, PAGE_SIZE));
	assert(flags_at(3 * M2) == (SEPT_RAM | SEPT_PRIVATE | SEPT_PENDING));
	assert(flags_at(3 * M2 + PAGE_SIZE) == ACCEPTED);
	/* the last 2M is not whole */
	assert(answers(accept(4 * M2, TDX_LEVEL_2M), TDX_PAGE_SIZE_MISMATCH | TDX_LEVEL_2M));
	assert(accepted(accept(LAST, TDX_LEVEL_4K), LAST, PAGE_SIZE));
}

static void test_accept_small_host(void)
{
	setup();
	sept.small_only = true;
	assert(answers(accept(2 * M2, TDX_LEVEL_2M), TDX_PAGE_SIZE_MISMATCH | TDX_LEVEL_2M));
	assert(accepted(accept(2 * M2, TDX_LEVEL_4K), 2 * M2, PAGE_SIZE));
}

static void test_accept_refusals(void)
{
	const u64 invalid = TDX_OPERAND_INVALID | TDX_OPERAND_RCX;

	setup();
	assert(answers(sept_accept(&sept, 2 * M2 | TDX_LEVEL_1G), invalid));
	assert(answers(sept_accept(&sept, 2 * M2 | 7), invalid));
	assert(answers(sept_accept(&sept, 2 * M2 | 8), invalid));
	assert(answers(sept_accept(&sept, 2 * M2 | BIT(52)), invalid));
	assert(answers(sept_accept(&sept, (2 * M2 + PAGE_SIZE) | TDX_LEVEL_2M), invalid));
	assert(accept(0, TDX_LEVEL_4K).violation == VIOLATION_TDX_ACCEPT_SHARED);
	assert(accept(BEHIND, TDX_LEVEL_4K).violation == VIOLATION_TDX_ACCEPT_SHARED);
	assert(accept(0, TDX_LEVEL_2M).violation == VIOLATION_TDX_ACCEPT_SHARED);
	assert(unchanged());
}

static void test_convert(void)
{
	setup();
	assert(accepted(accept(2 * M2, TDX_LEVEL_2M), 2 * M2, M2));
	/* accepted to shared: legal, contents gone, the rest of the 2M split and kept */
	assert(!sept_convert(&sept, 2 * M2 + PAGE_SIZE, PAGE_SIZE, false));
	assert(flags_at(2 * M2 + PAGE_SIZE) == (SEPT_RAM | SEPT_DUE));
	assert(flags_at(2 * M2) == ACCEPTED);
	sept_written(&sept, 2 * M2, PAGE_SIZE);
	assert(flags_at(2 * M2) == (SEPT_RAM | SEPT_PRIVATE | SEPT_MAPPED));
	sept_written(&sept, 2 * M2 + PAGE_SIZE, PAGE_SIZE);
	assert(flags_at(2 * M2 + PAGE_SIZE) == SEPT_RAM);
	/* shared again: nothing; and back: to be accepted anew */
	assert(!sept_convert(&sept, 2 * M2 + PAGE_SIZE, PAGE_SIZE, false));
	assert(flags_at(2 * M2 + PAGE_SIZE) == SEPT_RAM);
	assert(!sept_convert(&sept, 2 * M2, 3 * PAGE_SIZE, true));
	assert(flags_at(2 * M2 + PAGE_SIZE) == (SEPT_RAM | SEPT_PRIVATE));
	assert(flags_at(2 * M2) == (SEPT_RAM | SEPT_PRIVATE | SEPT_MAPPED));
	assert(accepted(accept(2 * M2 + PAGE_SIZE, TDX_LEVEL_4K), 2 * M2 + PAGE_SIZE, PAGE_SIZE));
	/* a whole 2M that went to and fro can be accepted as one */
	assert(!sept_convert(&sept, 2 * M2, M2, false) && !sept_convert(&sept, 2 * M2, M2, true));
	assert(accepted(accept(2 * M2, TDX_LEVEL_2M), 2 * M2, M2));
	/* mixed with shared pages it cannot */
	assert(!sept_convert(&sept, 3 * M2 + PAGE_SIZE, PAGE_SIZE, false));
	assert(answers(accept(3 * M2, TDX_LEVEL_2M), TDX_PAGE_SIZE_MISMATCH | TDX_LEVEL_2M));
	assert(accept(3 * M2 + PAGE_SIZE, 0).violation == VIOLATION_TDX_ACCEPT_SHARED);
}

static void test_convert_no_memory(void)
{
	setup();
	assert(!sept_convert(&sept, 0, PAGE_SIZE, false));
	assert(!sept_convert(&sept, BEHIND, PAGE_SIZE, false));
	assert(sept_convert(&sept, 0, PAGE_SIZE, true) == -E_RANGE);
	assert(sept_convert(&sept, LAST, 2 * PAGE_SIZE, true) == -E_RANGE);
	assert(sept_convert(&sept, M2 - PAGE_SIZE, 2 * PAGE_SIZE, true) == -E_RANGE);
	assert(unchanged());
}

static void test_access(void)
{
	setup();
	assert(!sept_convert(&sept, 2 * M2, PAGE_SIZE, false));
	for (enum access_kind kind = ACCESS_READ; kind <= ACCESS_WALK; kind++)
		assert(!sept_access(&sept, M2, false, kind));
	assert(!sept_access(&sept, 2 * M2, true, ACCESS_READ));
	assert(!sept_access(&sept, 2 * M2, true, ACCESS_WRITE));
	assert(!sept_access(&sept, 0, true, ACCESS_READ));
	assert(!sept_access(&sept, BEHIND, true, ACCESS_WRITE));
	/* the wrong alias */
	assert(sept_access(&sept, M2, true, ACCESS_READ) == VIOLATION_ACCESS_SHARED_ALIAS);
	assert(sept_access(&sept, 3 * M2, true, ACCESS_WRITE) == VIOLATION_ACCESS_SHARED_ALIAS);
	assert(sept_access(&sept, 2 * M2, false, ACCESS_READ) ==
	       VIOLATION_ACCESS_PRIVATE_UNASSIGNED);
	assert(sept_access(&sept, 0, false, ACCESS_WRITE) == VIOLATION_ACCESS_PRIVATE_UNASSIGNED);
	assert(sept_access(&sept, BEHIND, false, ACCESS_READ) ==
	       VIOLATION_ACCESS_PRIVATE_UNASSIGNED);
	/* code and tables */
	assert(sept_access(&sept, 2 * M2, true, ACCESS_EXECUTE) == VIOLATION_EXECUTE_SHARED);
	assert(sept_access(&sept, 2 * M2, false, ACCESS_EXECUTE) == VIOLATION_EXECUTE_SHARED);
	assert(sept_access(&sept, 2 * M2, true, ACCESS_WALK) == VIOLATION_PAGE_TABLE_SHARED);
	assert(sept_access(&sept, M2, true, ACCESS_WALK) == VIOLATION_PAGE_TABLE_SHARED);
	assert(sept_access(&sept, 2 * M2, false, ACCESS_WALK) == VIOLATION_PAGE_TABLE_SHARED);
	/* not accepted, whether the host has added the page or not */
	assert(sept_access(&sept, LAST, false, ACCESS_WRITE) == VIOLATION_TDX_ACCESS_NOT_ACCEPTED);
	assert(sept_access(&sept, LAST, false, ACCESS_WALK) == VIOLATION_TDX_ACCESS_NOT_ACCEPTED);
	assert(accepted(accept(LAST, TDX_LEVEL_4K), LAST, PAGE_SIZE));
	assert(!sept_access(&sept, LAST, false, ACCESS_WRITE));
}

static void test_attributes(void)
{
	unsigned int level;
	bool pending;

	setup();
	assert(answers(sept_attributes(&sept, M2 + 5, &level, &pending), TDX_SUCCESS));
	assert(level == TDX_LEVEL_4K && !pending);
	assert(answers(sept_attributes(&sept, 2 * M2, &level, &pending), TDX_SUCCESS));
	assert(level == TDX_LEVEL_2M && pending);
	assert(accepted(accept(2 * M2, TDX_LEVEL_2M), 2 * M2, M2));
	assert(answers(sept_attributes(&sept, 2 * M2, &level, &pending), TDX_SUCCESS));
	assert(level == TDX_LEVEL_2M && !pending);
	assert(sept_attributes(&sept, 0, &level, &pending).violation ==
	       VIOLATION_ACCESS_PRIVATE_UNASSIGNED);
}

static void test_uniform(void)
{
	setup();
	assert(is_uniform_2m(0) && is_uniform_2m(M2 + 5));
	assert(!is_uniform_2m(LAST) && !is_uniform_2m(BEHIND));
	assert(accepted(accept(2 * M2, TDX_LEVEL_4K), 2 * M2, PAGE_SIZE));
	assert(!is_uniform_2m(2 * M2));
	assert(!sept_convert(&sept, 3 * M2, M2, false) && is_uniform_2m(3 * M2));
	sept_written(&sept, 3 * M2, PAGE_SIZE);
	assert(!is_uniform_2m(3 * M2));
	sept_written(&sept, LAST, 2 * PAGE_SIZE);
}

int main(void)
{
	test_init_and_assign();
	test_accept_2m();
	test_accept_4k();
	test_accept_small_host();
	test_accept_refusals();
	test_convert();
	test_convert_no_memory();
	test_access();
	test_attributes();
	test_uniform();
	return 0;
}
