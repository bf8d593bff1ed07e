/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each page's state follows PVALIDATE, RMPADJUST and page-state changes as APM2 15.36 says, and
 * every illegal step comes back by its name with nothing changed.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../monitor/hardware/page_state.c"
#include "../../monitor/hardware/rmp.c"
#include "../../monitor/hardware/rmp_rules.c"

#define M2       ((u64)PAGE_2M_SIZE)
#define PAGES    (4 * PAGES_PER_2M + 7) /* the last 2M is not whole */
#define LAST     ((u64)(PAGES - 1) * PAGE_SIZE)
#define BEHIND   ((u64)PAGES * PAGE_SIZE)
#define VALIDATE 1
#define RESCIND  0

static u32 entries[PAGE_STATE_WORDS(PAGES)];
static u32 before[PAGES];
static struct rmp rmp;

/* 0: shared; [2M, 4M): private, not validated, 2M entry; [4M, 6M): validated, 2M entry. */
static void setup(void)
{
	memset(entries, 0xa5, sizeof(entries));
	rmp_init(&rmp, entries, PAGES);
	assert(!rmp_assign(&rmp, M2, M2, RMP_POISON));
	assert(!rmp_assign(&rmp, 2 * M2, M2, RMP_VALIDATED));
	for (u64 i = 0; i < PAGES; i++)
		before[i] = get(&rmp, i);
}

static bool unchanged(void)
{
	for (u64 i = 0; i < PAGES; i++)
		if (before[i] != get(&rmp, i))
			return false;
	return true;
}

static u32 flags_at(u64 gpa) { return rmp_flags(&rmp, gpa); }

static bool is_uniform_2m(u64 gpa)
{
	u64 size;

	return rmp_alike(&rmp, gpa, &size) <= gpa && size == PAGE_2M_SIZE;
}

static void test_init_and_assign(void)
{
	setup();
	assert(page_state_size(PAGES) == sizeof(entries));
	assert(flags_at(0) == 0 && flags_at(LAST) == 0 && flags_at(BEHIND) == 0);
	assert(rmp_is_shared(&rmp, 0) && rmp_is_shared(&rmp, BEHIND) && !rmp_is_shared(&rmp, M2));
	assert(flags_at(M2) == (RMP_ASSIGNED | RMP_LARGE | RMP_POISON));
	assert(flags_at(3 * M2 - 1) == (RMP_ASSIGNED | RMP_LARGE | RMP_VALIDATED));
	assert(rmp_assign(&rmp, 1, PAGE_SIZE, 0) == -E_INVAL);
	assert(rmp_assign(&rmp, 0, PAGE_SIZE + 1, 0) == -E_INVAL);
	assert(rmp_assign(&rmp, LAST, 2 * PAGE_SIZE, 0) == -E_RANGE);
	assert(rmp_assign(&rmp, BEHIND, PAGE_SIZE, 0) == -E_RANGE);
	assert(rmp_assign(&rmp, PAGE_SIZE, -(u64)PAGE_SIZE, 0) == -E_RANGE);
	assert(unchanged());
	/* head and tail by 4K, the middle by 2M; what it cuts into is smashed */
	assert(!rmp_assign(&rmp, M2 - PAGE_SIZE, M2 + 2 * PAGE_SIZE, RMP_VALIDATED));
	assert(flags_at(M2 - PAGE_SIZE) == (RMP_ASSIGNED | RMP_VALIDATED));
	assert(flags_at(M2) == (RMP_ASSIGNED | RMP_VALIDATED | RMP_LARGE));
	assert(flags_at(2 * M2) == (RMP_ASSIGNED | RMP_VALIDATED));
	assert(flags_at(2 * M2 + PAGE_SIZE) == (RMP_ASSIGNED | RMP_VALIDATED));
}

static void test_pvalidate(void)
{
	struct rmp_result r;

	setup();
	r = rmp_pvalidate(&rmp, M2, RMP_PG_SIZE_2M, VALIDATE);
	assert(!r.violation && r.status == PVALIDATE_SUCCESS && !r.unchanged && !r.smashed);
	assert(flags_at(M2) & RMP_VALIDATED && flags_at(2 * M2 - PAGE_SIZE) & RMP_VALIDATED);
	r = rmp_pvalidate(&rmp, M2, RMP_PG_SIZE_2M, RESCIND);
	assert(!r.violation && r.status == PVALIDATE_SUCCESS && !r.unchanged);
	assert(unchanged());
	/* rescinding what is not validated is legal and says so */
	r = rmp_pvalidate(&rmp, M2, RMP_PG_SIZE_2M, RESCIND);
	assert(!r.violation && r.status == PVALIDATE_SUCCESS && r.unchanged);
	assert(unchanged());
}

/* What EAX against zero gives, and CF. */
static void test_flags(void)
{
	assert(rmp_result_rflags(&(struct rmp_result){ .status = PVALIDATE_SUCCESS }) ==
	       (RFLAGS_ZF | RFLAGS_PF));
	assert(rmp_result_rflags(&(struct rmp_result){ .unchanged = true }) ==
	       (RFLAGS_ZF | RFLAGS_PF | RFLAGS_CF));
	assert(rmp_result_rflags(&(struct rmp_result){ .status = PVALIDATE_FAIL_INPUT }) == 0);
	assert(rmp_result_rflags(&(struct rmp_result){ .status = PVALIDATE_FAIL_SIZEMISMATCH }) ==
	       RFLAGS_PF);
}

static void test_pvalidate_smashes(void)
{
	struct rmp_result r;

	setup();
	r = rmp_pvalidate(&rmp, 2 * M2 + 5 * PAGE_SIZE, RMP_PG_SIZE_4K, RESCIND);
	assert(!r.violation && !r.status && r.smashed && !r.unchanged);
	assert(flags_at(2 * M2 + 5 * PAGE_SIZE) == RMP_ASSIGNED);
	assert(flags_at(2 * M2 + 4 * PAGE_SIZE) == (RMP_ASSIGNED | RMP_VALIDATED));
	assert(flags_at(2 * M2) == (RMP_ASSIGNED | RMP_VALIDATED));
	r = rmp_pvalidate(&rmp, 2 * M2, RMP_PG_SIZE_2M, RESCIND);
	assert(!r.violation && r.status == PVALIDATE_FAIL_SIZEMISMATCH);
	r = rmp_pvalidate(&rmp, 2 * M2, RMP_PG_SIZE_2M, VALIDATE);
	assert(!r.violation && r.status == PVALIDATE_FAIL_SIZEMISMATCH);
	r = rmp_pvalidate(&rmp, 2 * M2 + 5 * PAGE_SIZE, RMP_PG_SIZE_4K, VALIDATE);
	assert(!r.violation && !r.status && !r.smashed);
	assert(!rmp_unsmash(&rmp, 2 * M2));
	assert(unchanged());
}

static void test_pvalidate_refusals(void)
{
	struct rmp_result r;

	setup();
	assert(rmp_pvalidate(&rmp, M2, 2, VALIDATE).status == PVALIDATE_FAIL_INPUT);
	r = rmp_pvalidate(&rmp, M2 + PAGE_SIZE, RMP_PG_SIZE_2M, VALIDATE);
	assert(!r.violation && r.status == PVALIDATE_FAIL_INPUT);
	r = rmp_pvalidate(&rmp, 2 * M2 + 3 * PAGE_SIZE + 8, RMP_PG_SIZE_4K, VALIDATE);
	assert(r.violation == VIOLATION_PVALIDATE_TWICE && r.gpa == 2 * M2 + 3 * PAGE_SIZE);
	assert(!r.smashed);
	r = rmp_pvalidate(&rmp, 2 * M2, RMP_PG_SIZE_2M, VALIDATE);
	assert(r.violation == VIOLATION_PVALIDATE_TWICE);
	r = rmp_pvalidate(&rmp, PAGE_SIZE, RMP_PG_SIZE_4K, VALIDATE);
	assert(r.violation == VIOLATION_PVALIDATE_UNASSIGNED && r.gpa == PAGE_SIZE);
	r = rmp_pvalidate(&rmp, 0, RMP_PG_SIZE_4K, RESCIND);
	assert(r.violation == VIOLATION_PVALIDATE_UNASSIGNED);
	r = rmp_pvalidate(&rmp, BEHIND, RMP_PG_SIZE_4K, VALIDATE);
	assert(r.violation == VIOLATION_PVALIDATE_UNASSIGNED);
	r = rmp_pvalidate(&rmp, 4 * M2, RMP_PG_SIZE_2M, VALIDATE); /* 2M, the table ends in it */
	assert(r.violation == VIOLATION_PVALIDATE_UNASSIGNED);
	assert(unchanged());
}

static void test_immutable(void)
{
	struct rmp_result r;

	setup();
	assert(!rmp_assign(&rmp, 0, PAGE_SIZE, RMP_IMMUTABLE));
	r = rmp_pvalidate(&rmp, 0, RMP_PG_SIZE_4K, VALIDATE);
	assert(r.violation == VIOLATION_PVALIDATE_UNASSIGNED);
	assert(rmp_make_private(&rmp, 0, false) == -E_PERM);
	assert(rmp_make_shared(&rmp, 0, true, &r) == -E_PERM);
	assert(flags_at(0) == (RMP_ASSIGNED | RMP_IMMUTABLE));
}

static void test_adjust(void)
{
	const u64 vmsa = RMPADJUST_VMSA | 1;
	const u64 read_write = (RMP_PERM_READ | RMP_PERM_WRITE) << RMPADJUST_PERM_SHIFT | 1;
	struct rmp_result r;

	setup();
	r = rmp_adjust(&rmp, 0, 2 * M2, RMP_PG_SIZE_2M, 1); /* Linux' probe of VMPL 0 */
	assert(!r.violation && r.status == RMPADJUST_SUCCESS && unchanged());
	r = rmp_adjust(&rmp, 0, 2 * M2 + PAGE_SIZE, RMP_PG_SIZE_4K, vmsa);
	assert(!r.violation && !r.status && r.smashed);
	assert(flags_at(2 * M2 + PAGE_SIZE) & RMP_VMSA && !(flags_at(2 * M2) & RMP_VMSA));
	r = rmp_adjust(&rmp, 0, 2 * M2 + PAGE_SIZE, RMP_PG_SIZE_4K, read_write);
	assert(!r.status && !(flags_at(2 * M2 + PAGE_SIZE) & RMP_VMSA));
	/* VMPL 1 got what it was given, and can give no more than that */
	assert(!rmp_access(&rmp, 1, 2 * M2 + PAGE_SIZE, false, ACCESS_WRITE));
	assert(rmp_access(&rmp, 1, 2 * M2 + PAGE_SIZE, false, ACCESS_EXECUTE) ==
	       VIOLATION_ACCESS_PERMISSION);
	assert(rmp_access(&rmp, 2, 2 * M2 + PAGE_SIZE, false, ACCESS_READ) ==
	       VIOLATION_ACCESS_PERMISSION);
	r = rmp_adjust(&rmp, 1, 2 * M2 + PAGE_SIZE, RMP_PG_SIZE_4K,
		       RMP_PERM_ALL << RMPADJUST_PERM_SHIFT | 2);
	assert(r.status == RMPADJUST_FAIL_PERMISSION);
	r = rmp_adjust(&rmp, 1, 2 * M2 + PAGE_SIZE, RMP_PG_SIZE_4K,
		       RMP_PERM_READ << RMPADJUST_PERM_SHIFT | 2);
	assert(!r.violation && !r.status);
	assert(!rmp_access(&rmp, 2, 2 * M2 + PAGE_SIZE, false, ACCESS_READ));
}

static void test_adjust_refusals(void)
{
	struct rmp_result r;

	setup();
	assert(rmp_adjust(&rmp, 0, 2 * M2, 2, 1).status == RMPADJUST_FAIL_INPUT);
	assert(rmp_adjust(&rmp, 0, 2 * M2, 0, BIT(17) | 1).status == RMPADJUST_FAIL_INPUT);
	assert(rmp_adjust(&rmp, 0, 2 * M2, 0, 4).status == RMPADJUST_FAIL_INPUT);
	assert(rmp_adjust(&rmp, 0, 2 * M2, 0, 0x1001).status == RMPADJUST_FAIL_INPUT);
	assert(rmp_adjust(&rmp, 0, 2 * M2, 0, 0).status == RMPADJUST_FAIL_PERMISSION);
	assert(rmp_adjust(&rmp, 1, 2 * M2, 0, RMPADJUST_VMSA | 2).status ==
	       RMPADJUST_FAIL_PERMISSION);
	r = rmp_adjust(&rmp, 0, M2, RMP_PG_SIZE_4K, 1);
	assert(r.violation == VIOLATION_ACCESS_NOT_VALIDATED);
	r = rmp_adjust(&rmp, 0, 0, RMP_PG_SIZE_4K, 1);
	assert(r.violation == VIOLATION_RMPADJUST_UNASSIGNED);
	assert(unchanged());
	assert(!rmp_smash(&rmp, 2 * M2));
	assert(rmp_adjust(&rmp, 0, 2 * M2, RMP_PG_SIZE_2M, 1).status ==
	       RMPADJUST_FAIL_SIZEMISMATCH);
}

static void test_vmsa(void)
{
	const u64 page = 2 * M2 + 3 * PAGE_SIZE;
	struct rmp_result r;

	setup();
	assert(rmp_vmsa_begin(&rmp, BEHIND) == VIOLATION_VMSA_PAGE);
	assert(rmp_vmsa_begin(&rmp, 0) == VIOLATION_VMSA_PAGE);
	assert(rmp_vmsa_begin(&rmp, page) == VIOLATION_VMSA_PAGE);
	r = rmp_adjust(&rmp, 0, page, RMP_PG_SIZE_4K, RMPADJUST_VMSA | 1);
	assert(!r.violation && !r.status);
	assert(!rmp_vmsa_begin(&rmp, page));
	assert(!is_uniform_2m(page)); /* no mapping of its neighbours covers it */
	assert(rmp_vmsa_begin(&rmp, page) == VIOLATION_VMSA_IN_USE);
	assert(!rmp_access(&rmp, 0, page, false, ACCESS_READ));
	assert(!rmp_access(&rmp, 0, page, false, ACCESS_EXECUTE));
	assert(rmp_access(&rmp, 0, page, false, ACCESS_WRITE) == VIOLATION_VMSA_IN_USE);
	assert(rmp_access(&rmp, 0, page, false, ACCESS_WALK) == VIOLATION_VMSA_IN_USE);
	assert(rmp_adjust(&rmp, 0, page, RMP_PG_SIZE_4K, 1).violation == VIOLATION_VMSA_IN_USE);
	assert(rmp_pvalidate(&rmp, page, RMP_PG_SIZE_4K, false).violation == VIOLATION_VMSA_IN_USE);
	assert(rmp_pvalidate(&rmp, 2 * M2, RMP_PG_SIZE_2M, false).violation ==
	       VIOLATION_VMSA_IN_USE);
	rmp_vmsa_end(&rmp, page);
	rmp_vmsa_end(&rmp, BEHIND);
	assert(!rmp_access(&rmp, 0, page, false, ACCESS_WRITE));
	assert(!rmp_vmsa_begin(&rmp, page));
	rmp_vmsa_end(&rmp, page);
	assert(!rmp_adjust(&rmp, 0, page, RMP_PG_SIZE_4K, 1).violation);
	assert(rmp_vmsa_begin(&rmp, page) == VIOLATION_VMSA_PAGE);

	setup(); /* one of a 2M page that is all VMSAs */
	assert(!rmp_adjust(&rmp, 0, 2 * M2, RMP_PG_SIZE_2M, RMPADJUST_VMSA | 1).violation);
	assert(flags_at(page) & RMP_LARGE);
	assert(!rmp_vmsa_begin(&rmp, page) && !(flags_at(2 * M2) & RMP_LARGE));
	assert(!(flags_at(page) & RMP_LARGE) && !rmp_vmsa_begin(&rmp, 2 * M2));
}

static void test_make_shared(void)
{
	struct rmp_result r;

	setup();
	assert(!rmp_make_shared(&rmp, 2 * M2 + PAGE_SIZE, false, &r));
	assert(r.violation == VIOLATION_PSC_SHARED_VALIDATED && r.gpa == 2 * M2 + PAGE_SIZE);
	assert(!rmp_make_shared(&rmp, 2 * M2, true, &r));
	assert(r.violation == VIOLATION_PSC_SHARED_VALIDATED && r.gpa == 2 * M2);
	assert(rmp_make_shared(&rmp, 2 * M2 + PAGE_SIZE, true, &r) == -E_INVAL);
	assert(rmp_make_shared(&rmp, 1, false, &r) == -E_INVAL);
	assert(rmp_make_shared(&rmp, BEHIND, false, &r) == -E_RANGE);
	assert(rmp_make_shared(&rmp, 4 * M2, true, &r) == -E_RANGE);
	assert(!rmp_make_shared(&rmp, 0, false, &r) && !r.violation); /* shared already */
	assert(unchanged());
	assert(!rmp_make_shared(&rmp, M2 + PAGE_SIZE, false, &r) && r.smashed);
	assert(flags_at(M2 + PAGE_SIZE) == RMP_POISON);
	assert(flags_at(M2) == (RMP_ASSIGNED | RMP_POISON));
	assert(!rmp_make_shared(&rmp, M2, true, &r) && !r.violation);
	assert(flags_at(M2) == RMP_POISON && flags_at(2 * M2 - PAGE_SIZE) == RMP_POISON);
}

static void test_make_private(void)
{
	setup();
	assert(rmp_make_private(&rmp, PAGE_SIZE, true) == -E_INVAL);
	assert(rmp_make_private(&rmp, BEHIND, false) == -E_RANGE);
	assert(!rmp_make_private(&rmp, 2 * M2, true)); /* keeps its state */
	assert(!rmp_make_private(&rmp, 2 * M2 + PAGE_SIZE, false));
	assert(unchanged());
	assert(!rmp_make_private(&rmp, 0, true));
	assert(flags_at(0) == (RMP_ASSIGNED | RMP_LARGE | RMP_POISON));
	assert(!rmp_make_private(&rmp, 3 * M2 + PAGE_SIZE, false));
	assert(flags_at(3 * M2 + PAGE_SIZE) == (RMP_ASSIGNED | RMP_POISON));
	assert(!rmp_pvalidate(&rmp, 3 * M2 + PAGE_SIZE, 0, VALIDATE).status);
	/* a 2M change over a page that is private already makes 4K entries of the others */
	assert(!rmp_make_private(&rmp, 3 * M2, true));
	assert(flags_at(3 * M2) == (RMP_ASSIGNED | RMP_POISON));
	assert(flags_at(3 * M2 + PAGE_SIZE) == (RMP_ASSIGNED | RMP_VALIDATED | RMP_POISON));
}

static void test_smash(void)
{
	setup();
	assert(rmp_smash(&rmp, 0) == -E_INVAL && rmp_smash(&rmp, BEHIND) == -E_INVAL);
	assert(rmp_unsmash(&rmp, 0) == -E_INVAL && rmp_unsmash(&rmp, LAST) == -E_INVAL);
	assert(rmp_unsmash(&rmp, M2) == -E_INVAL); /* is one */
	assert(!rmp_smash(&rmp, M2 + PAGE_SIZE) && flags_at(M2) == (RMP_ASSIGNED | RMP_POISON));
	rmp_poisoned(&rmp, M2, PAGE_SIZE); /* the only thing in which pages may differ */
	assert(!rmp_unsmash(&rmp, M2 + PAGE_SIZE));
	assert(flags_at(M2) == (RMP_ASSIGNED | RMP_LARGE));
	assert(!rmp_smash(&rmp, M2) && !rmp_pvalidate(&rmp, M2, 0, VALIDATE).status);
	assert(rmp_unsmash(&rmp, M2) == -E_INVAL);
}

static void test_access(void)
{
	const u64 shared = 0, pending = M2, valid = 2 * M2;

	setup();
	assert(!rmp_access(&rmp, 0, shared, true, ACCESS_READ));
	assert(!rmp_access(&rmp, 0, shared, true, ACCESS_WRITE));
	assert(!rmp_access(&rmp, 0, BEHIND, true, ACCESS_WRITE)); /* a device */
	assert(rmp_access(&rmp, 0, shared, true, ACCESS_EXECUTE) == VIOLATION_EXECUTE_SHARED);
	assert(rmp_access(&rmp, 0, shared, false, ACCESS_EXECUTE) == VIOLATION_EXECUTE_SHARED);
	assert(rmp_access(&rmp, 0, shared, true, ACCESS_WALK) == VIOLATION_PAGE_TABLE_SHARED);
	assert(rmp_access(&rmp, 0, shared, false, ACCESS_READ) ==
	       VIOLATION_ACCESS_PRIVATE_UNASSIGNED);
	for (int kind = ACCESS_READ; kind <= ACCESS_WALK; kind++) {
		assert(!rmp_access(&rmp, 0, valid, false, kind));
		assert(rmp_access(&rmp, 0, pending, false, kind) == VIOLATION_ACCESS_NOT_VALIDATED);
	}
	/* the walker and fetches ignore the C-bit */
	assert(!rmp_access(&rmp, 0, valid, true, ACCESS_WALK));
	assert(!rmp_access(&rmp, 0, valid, true, ACCESS_EXECUTE));
	assert(rmp_access(&rmp, 0, pending, true, ACCESS_EXECUTE) ==
	       VIOLATION_ACCESS_NOT_VALIDATED);
	assert(rmp_access(&rmp, 0, valid, true, ACCESS_READ) == VIOLATION_ACCESS_SHARED_ALIAS);
	assert(rmp_access(&rmp, 0, pending, true, ACCESS_WRITE) == VIOLATION_ACCESS_SHARED_ALIAS);
	assert(rmp_access(&rmp, 1, valid, true, ACCESS_EXECUTE) == VIOLATION_ACCESS_PERMISSION);
	assert(rmp_access(&rmp, 3, valid, false, ACCESS_WALK) == VIOLATION_ACCESS_PERMISSION);
}

static void test_uniform(void)
{
	setup();
	assert(is_uniform_2m(0) && is_uniform_2m(3 * M2 - 1));
	assert(!is_uniform_2m(4 * M2) && !is_uniform_2m(BEHIND + M2));
	rmp_poisoned(&rmp, M2 + PAGE_SIZE, PAGE_SIZE);
	assert(!is_uniform_2m(M2));
	rmp_poisoned(&rmp, M2, M2);
	assert(is_uniform_2m(M2) && !(flags_at(M2) & RMP_POISON));
	/* the size of entries does not matter to a mapping */
	assert(!rmp_smash(&rmp, M2) && is_uniform_2m(M2));
	assert(!rmp_pvalidate(&rmp, M2 + PAGE_SIZE, 0, VALIDATE).status);
	assert(!is_uniform_2m(M2));
	rmp_poisoned(&rmp, LAST, M2); /* stops at the end of the table */
}

/* A host of small pages: there is no 2M entry, and a 2M PVALIDATE says so. */
static void test_small_only(void)
{
	rmp_init(&rmp, entries, PAGES);
	rmp.small_only = true;
	assert(!rmp_assign(&rmp, M2, M2, RMP_POISON) && !(flags_at(M2) & RMP_LARGE));
	assert(!rmp_make_private(&rmp, 2 * M2, true) && !(flags_at(2 * M2) & RMP_LARGE));
	assert(rmp_pvalidate(&rmp, M2, RMP_PG_SIZE_2M, VALIDATE).status ==
	       PVALIDATE_FAIL_SIZEMISMATCH);
	assert(!rmp_pvalidate(&rmp, M2, RMP_PG_SIZE_4K, VALIDATE).status);
}

int main(void)
{
	test_init_and_assign();
	test_pvalidate();
	test_flags();
	test_pvalidate_smashes();
	test_pvalidate_refusals();
	test_immutable();
	test_adjust();
	test_adjust_refusals();
	test_vmsa();
	test_make_shared();
	test_make_private();
	test_smash();
	test_access();
	test_uniform();
	test_small_only();
	return 0;
}
