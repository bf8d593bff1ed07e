/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processor's RMP in a host's memory: what RMPUPDATE and PSMASH refuse, and with which status;
 * which accesses of host and guests are allowed; no content of the table leads out of it.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../monitor/hardware/rmp_rules.c"
#include "../../monitor/hardware/rmp_table.c"

#define M2    ((u64)PAGE_2M_SIZE)
#define P     ((u64)PAGE_SIZE)
#define PAGES (3 * PAGES_2M + 5) /* the last 2M is not whole */
#define LAST  ((PAGES - 1) * P)
#define BASE  (2 * M2)
#define SIZE  (RMP_BOOKKEEPING_SIZE + PAGES * sizeof(struct rmp_raw))
#define ASID  7
#define GPA   (16 * M2)

static u64 memory[SIZE / sizeof(u64)];
static u64 before[SIZE / sizeof(u64)];
static struct rmp_table table;

static const struct rmp_state public = { .page_size = RMP_PG_SIZE_4K };
static const struct rmp_state small = { .gpa = GPA, .assigned = 1, .asid = ASID };
static const struct rmp_state large = {
	.gpa = GPA, .assigned = 1, .page_size = RMP_PG_SIZE_2M, .asid = ASID
};

static void setup(void)
{
	memset(memory, 0, sizeof(memory));
	assert(!rmp_table_init(&table, memory, BASE, SIZE));
}

static u32 update(u64 pa, struct rmp_state state) { return rmp_table_update(&table, pa, &state); }

/* The table stays as it is while @status comes back. */
static void refuses(u32 status, u64 pa, struct rmp_state state)
{
	memcpy(before, memory, sizeof(memory));
	assert(update(pa, state) == status);
	assert(!memcmp(before, memory, sizeof(memory)));
}

static void test_init(void)
{
	assert(rmp_table_init(&table, memory, BASE, RMP_BOOKKEEPING_SIZE) == -E_INVAL);
	setup();
	assert(table.page_count == PAGES && rmp_table_entry(&table, LAST));
	assert(!rmp_table_entry(&table, LAST + P) && !rmp_table_word(&table, -P));
	assert(rmp_table_covers_itself(&table, BASE + SIZE - 1, 1));
	assert(!rmp_table_covers_itself(&table, BASE + SIZE, P));
	assert(rmp_table_covers_itself(&table, 0, BASE + 1));
	assert(!rmp_table_covers_itself(&table, 0, BASE) &&
	       !rmp_table_covers_itself(&table, BASE, 0));
}

/* The bits that Linux reads: struct rmpentry_raw of arch/x86/virt/svm/sev.c. */
static void test_format(void)
{
	setup();
	assert(!update(5 * P, small));
	assert(table.entries[5].lo == (U64_C(7) << 51 | GPA | 1) && table.entries[5].hi == 0xf);
	assert(table.entries[0].lo == 1 << RMP_RAW_SUBPAGES_SHIFT);
	assert(memory[ASID] == 1);
	assert(rmp_table_word(&table, 5 * P + 1) == RMP_ASSIGNED);
	assert(!update(M2, large));
	assert(table.entries[PAGES_2M].lo == (U64_C(7) << 51 | GPA | 3));
	assert(memory[ASID] == 1 + PAGES_2M);
	assert(rmp_table_word(&table, 2 * M2 - 1) == (RMP_ASSIGNED | RMP_LARGE));
	assert(rmp_table_entry(&table, 2 * M2 - 1) == &table.entries[PAGES_2M]);
	assert(!update(M2, (struct rmp_state){ .page_size = RMP_PG_SIZE_2M }));
	assert(!table.entries[PAGES_2M].lo && memory[ASID] == 1);
	assert(!update(5 * P, public));
	assert(!table.entries[0].lo && !table.entries[5].lo && !memory[ASID]);
}

static void test_update_input(void)
{
	struct rmp_state s;

	setup();
	refuses(RMPUPDATE_FAIL_INPUT, LAST + P, small);
	refuses(RMPUPDATE_FAIL_INPUT, 1, small);
	refuses(RMPUPDATE_FAIL_INPUT, P, large);
	refuses(RMPUPDATE_FAIL_INPUT, 3 * M2, large); /* the end of the table cuts it */
	s = large, s.gpa += P, refuses(RMPUPDATE_FAIL_INPUT, M2, s);
	s = small, s.gpa += 1, refuses(RMPUPDATE_FAIL_INPUT, M2, s);
	s = small, s.gpa |= BIT(51), refuses(RMPUPDATE_FAIL_INPUT, M2, s);
	s = small, s.assigned = 2, refuses(RMPUPDATE_FAIL_INPUT, M2, s);
	s = small, s.immutable = 2, refuses(RMPUPDATE_FAIL_INPUT, M2, s);
	s = small, s.page_size = 2, refuses(RMPUPDATE_FAIL_INPUT, M2, s);
	s = small, s.reserved_0xb = 1, refuses(RMPUPDATE_FAIL_INPUT, M2, s);
	s = small, s.asid = 0x3ff, refuses(RMPUPDATE_FAIL_INPUT, M2, s);
	s = small, s.assigned = 0, refuses(RMPUPDATE_FAIL_INPUT, M2, s);
	refuses(RMPUPDATE_FAIL_INPUT, M2, (struct rmp_state){ .immutable = 1 });
	refuses(RMPUPDATE_FAIL_INPUT, M2, (struct rmp_state){ .asid = 1 });
}

static void test_update_refused(void)
{
	struct rmp_state firmware = { .assigned = 1, .immutable = 1 };

	setup();
	assert(!update(P, firmware) && !update(M2, large));
	refuses(RMPUPDATE_FAIL_PERMISSION, P, public);
	refuses(RMPUPDATE_FAIL_PERMISSION, P, small);
	refuses(RMPUPDATE_FAIL_OVERLAP, M2, small);
	refuses(RMPUPDATE_FAIL_OVERLAP, M2 + P, small);
	refuses(RMPUPDATE_FAIL_OVERLAP, 2 * M2 - P, public);
	refuses(RMPUPDATE_FAIL_OVERLAP, 0, large);
	refuses(RMPUPDATE_FAIL_OVERLAP, 0, (struct rmp_state){ .page_size = RMP_PG_SIZE_2M });
	table.entries[PAGES_2M].lo |= RMP_RAW_LOCK;
	refuses(RMPUPDATE_FAIL_INUSE, M2, (struct rmp_state){ .page_size = RMP_PG_SIZE_2M });
	/* the first page alone is no overlap: it is the entry that is replaced */
	assert(!update(2 * M2, small) && !update(2 * M2, large));
	assert(memory[ASID] == 2 * PAGES_2M);
}

static void test_psmash(void)
{
	setup();
	assert(!update(M2, large));
	table.entries[PAGES_2M].lo |= RMP_RAW_VALIDATED;
	table.entries[PAGES_2M].hi = 0x30f;
	assert(rmp_table_psmash(&table, LAST + P) == PSMASH_FAIL_BADADDR);
	assert(rmp_table_psmash(&table, M2 + P) == PSMASH_FAIL_INPUT);
	assert(rmp_table_psmash(&table, 0) == PSMASH_FAIL_INPUT);
	table.entries[PAGES_2M].lo |= RMP_RAW_IMMUTABLE;
	assert(rmp_table_psmash(&table, M2) == PSMASH_FAIL_PERMISSION);
	table.entries[PAGES_2M].lo ^= RMP_RAW_IMMUTABLE | RMP_RAW_LOCK;
	assert(rmp_table_psmash(&table, M2) == PSMASH_FAIL_INUSE);
	table.entries[PAGES_2M].lo ^= RMP_RAW_LOCK;
	assert(!rmp_table_psmash(&table, M2));
	for (u64 i = 0; i < PAGES_2M; i++) {
		const struct rmp_raw *e = rmp_table_entry(&table, M2 + i * P);

		assert(e == &table.entries[PAGES_2M + i] && rmp_raw_gpa(e) == GPA + i * P);
		assert(rmp_raw_asid(e) == ASID && e->hi == 0x30f && e->lo & RMP_RAW_VALIDATED);
	}
	assert(memory[ASID] == PAGES_2M && rmp_table_psmash(&table, M2) == PSMASH_FAIL_INPUT);
	/* all 511 are counted: given back one by one, the 2M is free again, and not before */
	for (u64 i = PAGES_2M; i-- > 0;) {
		assert(!rmp_table_free_2m(&table, M2));
		assert(!update(M2 + i * P, public));
	}
	assert(rmp_table_free_2m(&table, M2) && !memory[ASID]);
}

static enum rmp_fault touch(u64 pa, struct rmp_access access)
{
	return rmp_table_check(&table, pa, &access);
}

static void test_host_access(void)
{
	setup();
	assert(!update(5 * P, small));
	assert(!touch(5 * P, (struct rmp_access){ .kind = ACCESS_READ }));
	assert(touch(5 * P, (struct rmp_access){ .kind = ACCESS_WRITE }) == RMP_FAULT_UNASSIGNED);
	assert(touch(5 * P, (struct rmp_access){ .kind = ACCESS_WALK }) == RMP_FAULT_UNASSIGNED);
	assert(!touch(6 * P, (struct rmp_access){ .kind = ACCESS_WRITE }));
	/* by a 2M mapping the neighbours are written too */
	assert(touch(6 * P, (struct rmp_access){ .kind = ACCESS_WRITE, .large = true }) ==
	       RMP_FAULT_UNASSIGNED);
	assert(!touch(M2, (struct rmp_access){ .kind = ACCESS_WRITE, .large = true }));
	assert(!touch(LAST + M2, (struct rmp_access){ .kind = ACCESS_WRITE, .large = true }));
	/* an SNP guest through a shared mapping is no better */
	assert(touch(5 * P,
		     (struct rmp_access){ .asid = ASID, .shared = true, .kind = ACCESS_WRITE }) ==
	       RMP_FAULT_UNASSIGNED);
	assert(!touch(6 * P,
		      (struct rmp_access){ .asid = ASID, .shared = true, .kind = ACCESS_WRITE }));
}

static struct rmp_access by_guest(u64 gpa, enum access_kind kind)
{
	return (struct rmp_access){ .asid = ASID, .gpa = gpa, .kind = kind };
}

static void test_guest_access(void)
{
	struct rmp_access a = by_guest(GPA, ACCESS_READ);

	setup();
	assert(!update(5 * P, small));
	assert(touch(5 * P, a) == RMP_FAULT_NOT_VALIDATED);
	assert(!rmp_table_pvalidate(&table, ASID, GPA, 5 * P, RMP_PG_SIZE_4K, true).fault);
	assert(!touch(5 * P + 8, by_guest(GPA + 8, ACCESS_WRITE)));
	assert(touch(6 * P, a) == RMP_FAULT_UNASSIGNED);
	a.asid++;
	assert(touch(5 * P, a) == RMP_FAULT_UNASSIGNED);
	assert(touch(5 * P, by_guest(GPA + P, ACCESS_READ)) == RMP_FAULT_UNASSIGNED);
	a = by_guest(GPA, ACCESS_READ);
	a.large = true;
	assert(touch(5 * P, a) == RMP_FAULT_SIZE);
	a.large = false;
	a.vmpl = 1;
	assert(touch(5 * P, a) == RMP_FAULT_PERMISSION);
	assert(touch(LAST + P, by_guest(GPA, ACCESS_READ)) == RMP_FAULT_UNASSIGNED);
	/* a fetch and the walker are private whatever the C-bit is */
	a = by_guest(GPA, ACCESS_EXECUTE);
	a.shared = true;
	assert(!touch(5 * P, a) && touch(6 * P, a) == RMP_FAULT_UNASSIGNED);
	table.entries[5].lo |= RMP_RAW_IMMUTABLE;
	assert(touch(5 * P, by_guest(GPA, ACCESS_READ)) == RMP_FAULT_UNASSIGNED);
}

static void test_guest_access_2m(void)
{
	struct rmp_access a = by_guest(GPA + 3 * P, ACCESS_WRITE);

	setup();
	assert(!update(M2, large));
	assert(!rmp_table_pvalidate(&table, ASID, GPA, M2, RMP_PG_SIZE_2M, true).fault);
	assert(touch(M2 + 3 * P, a) == RMP_FAULT_SIZE); /* the nested mapping is of 4K */
	a.large = true;
	assert(!touch(M2 + 3 * P, a));
	assert(touch(M2 + 4 * P, a) == RMP_FAULT_UNASSIGNED); /* right 2M, wrong page of it */
}

static void test_pvalidate(void)
{
	struct rmp_change c;

	setup();
	assert(!update(M2, large) && !update(5 * P, small));
	c = rmp_table_pvalidate(&table, ASID, GPA, 5 * P, RMP_PG_SIZE_2M, true);
	assert(c.status == PVALIDATE_FAIL_SIZEMISMATCH);
	c = rmp_table_pvalidate(&table, ASID, GPA + P, 5 * P, RMP_PG_SIZE_4K, true);
	assert(c.fault == RMP_FAULT_UNASSIGNED);
	c = rmp_table_pvalidate(&table, ASID + 1, GPA, 5 * P, RMP_PG_SIZE_4K, true);
	assert(c.fault == RMP_FAULT_UNASSIGNED && !(table.entries[5].lo & RMP_RAW_VALIDATED));
	c = rmp_table_pvalidate(&table, ASID, GPA, 5 * P, RMP_PG_SIZE_4K, true);
	assert(!c.fault && !c.status && !c.unchanged);
	c = rmp_table_pvalidate(&table, ASID, GPA, 5 * P, RMP_PG_SIZE_4K, true);
	assert(!c.fault && !c.status && c.unchanged);
	c = rmp_table_pvalidate(&table, ASID, GPA, 5 * P, RMP_PG_SIZE_4K, false);
	assert(!c.unchanged && !(table.entries[5].lo & RMP_RAW_VALIDATED));
	c = rmp_table_pvalidate(&table, ASID, GPA + P, M2 + P, RMP_PG_SIZE_4K, true);
	assert(c.fault == RMP_FAULT_SIZE && !(table.entries[PAGES_2M].lo & RMP_RAW_VALIDATED));
	c = rmp_table_pvalidate(&table, ASID, GPA + P, M2 + P, RMP_PG_SIZE_2M, true);
	assert(c.status == PVALIDATE_FAIL_INPUT);
	c = rmp_table_pvalidate(&table, ASID, GPA, M2, RMP_PG_SIZE_2M, true);
	assert(!c.fault && !c.status && table.entries[PAGES_2M].lo & RMP_RAW_VALIDATED);
	/* a page that goes back to the host, and comes again, is not validated */
	assert(!update(M2, (struct rmp_state){ .page_size = RMP_PG_SIZE_2M }) &&
	       !update(M2, large));
	assert(!(table.entries[PAGES_2M].lo & RMP_RAW_VALIDATED));
}

static void test_adjust_and_vmsa(void)
{
	struct rmp_access a = by_guest(GPA, ACCESS_READ);
	struct rmp_change c;

	setup();
	assert(!update(5 * P, small));
	c = rmp_table_adjust(&table, ASID, 0, GPA, 5 * P, RMP_PG_SIZE_4K, 0x301);
	assert(c.fault == RMP_FAULT_NOT_VALIDATED);
	rmp_table_pvalidate(&table, ASID, GPA, 5 * P, RMP_PG_SIZE_4K, true);
	assert(!rmp_table_vmsa_begin(&table, 5 * P, ASID));
	c = rmp_table_adjust(&table, ASID, 0, GPA, 5 * P, RMP_PG_SIZE_4K, 0x101 | RMPADJUST_VMSA);
	assert(!c.fault && !c.status && table.entries[5].hi == 0x10f);
	a.vmpl = 1;
	assert(!touch(5 * P, a));
	a.kind = ACCESS_WRITE;
	assert(touch(5 * P, a) == RMP_FAULT_PERMISSION);
	c = rmp_table_adjust(&table, ASID, 1, GPA, 5 * P, RMP_PG_SIZE_4K, 0x202);
	assert(c.status == RMPADJUST_FAIL_PERMISSION && table.entries[5].hi == 0x10f);
	assert(!rmp_table_vmsa_begin(&table, 5 * P, ASID + 1));
	assert(!rmp_table_vmsa_begin(&table, LAST + P, ASID));
	assert(rmp_table_vmsa_begin(&table, 5 * P, ASID));
	assert(!rmp_table_vmsa_begin(&table, 5 * P, ASID));
	assert(touch(5 * P, by_guest(GPA, ACCESS_WRITE)) == RMP_FAULT_IN_USE);
	assert(!touch(5 * P, by_guest(GPA, ACCESS_READ)));
	refuses(RMPUPDATE_FAIL_INUSE, 5 * P, public);
	c = rmp_table_adjust(&table, ASID, 0, GPA, 5 * P, RMP_PG_SIZE_4K, 1);
	assert(c.fault == RMP_FAULT_IN_USE);
	rmp_table_vmsa_end(&table, 5 * P);
	c = rmp_table_adjust(&table, ASID, 0, GPA, 5 * P, RMP_PG_SIZE_4K, 1);
	assert(!c.fault && !c.status && !rmp_table_vmsa_begin(&table, 5 * P, ASID));
}

/* What an exit will store to stays the host's: by itself, and as one of 2M. */
static void test_host_in_use(void)
{
	struct rmp_state huge = large;

	huge.gpa = 0;
	setup();
	assert(!update(7 * P, small));
	assert(!rmp_table_host_begin(&table, 7 * P) && rmp_table_host_begin(&table, LAST + P));
	assert(rmp_table_host_begin(&table, M2 + 5 * P));
	assert(!rmp_table_host_begin(&table, M2 + 5 * P));
	refuses(RMPUPDATE_FAIL_INUSE, M2 + 5 * P, small);
	refuses(RMPUPDATE_FAIL_INUSE, M2, huge);
	assert(!touch(M2 + 5 * P, (struct rmp_access){ .shared = true, .kind = ACCESS_WRITE }));
	rmp_table_host_end(&table, M2 + 5 * P);
	rmp_table_host_end(&table, LAST + P);
	assert(!table.entries[PAGES_2M + 5].lo && !update(M2, huge));
	/* what became the firmware's meanwhile is left alone */
	table.entries[9].lo = RMP_RAW_ASSIGNED | RMP_RAW_IMMUTABLE | RMP_RAW_LOCK;
	rmp_table_host_end(&table, 9 * P);
	assert(table.entries[9].lo & RMP_RAW_LOCK);
}

/* Firmware takes pages, the table's own too, and gives them back. */
static void test_write(void)
{
	u64 lo = RMP_RAW_ASSIGNED | RMP_RAW_IMMUTABLE | RMP_RAW_LOCK;

	setup();
	assert(!update(5 * P, small));
	rmp_table_write(&table, &table.entries[5], lo, 0);
	assert(table.entries[5].lo == lo && !memory[ASID] && !memory[0]);
	rmp_table_write(&table, &table.entries[0], lo, 0);
	assert(table.entries[0].lo == (lo | 1 << RMP_RAW_SUBPAGES_SHIFT));
	refuses(RMPUPDATE_FAIL_PERMISSION, 0, small);
	/* a count that the host has made wrong runs into no other field */
	table.entries[0].lo |= RMP_RAW_SUBPAGES;
	rmp_table_write(&table, &table.entries[6], lo, 0);
	assert(table.entries[0].lo == (lo | RMP_RAW_SUBPAGES));
	table.entries[0].lo &= ~RMP_RAW_SUBPAGES;
	rmp_table_write(&table, &table.entries[6], 0, 0);
	assert(table.entries[0].lo == lo);
}

/* The host can have written anything before SNP was enabled: the sanitizers watch. */
static void test_any_content(void)
{
	srand(1);
	setup();
	for (int round = 0; round < 200000; round++) {
		u64 pa = (u64)(rand() % (PAGES + 4)) * P;
		struct rmp_state s = { .assigned = rand() & 1, .page_size = rand() & 1 };

		if (round % 16 == 0)
			memory[rand() % (SIZE / 8)] =
				(u64)rand() << 42 ^ (u64)rand() << 21 ^ rand();
		if (s.assigned)
			s.gpa = GPA, s.asid = rand() & 0x3ff;
		update(s.page_size ? align_down(pa, M2) : pa, s);
		rmp_table_psmash(&table, align_down(pa, M2));
		rmp_table_pvalidate(&table, s.asid, GPA, pa, s.page_size, rand() & 1);
		rmp_table_adjust(&table, s.asid, 0, GPA, pa, s.page_size, rand());
		rmp_table_vmsa_begin(&table, pa, s.asid);
		touch(pa, (struct rmp_access){ .asid = s.asid, .large = s.page_size, .gpa = GPA });
	}
}

int main(void)
{
	test_init();
	test_format();
	test_update_input();
	test_update_refused();
	test_psmash();
	test_host_access();
	test_guest_access();
	test_guest_access_2m();
	test_pvalidate();
	test_adjust_and_vmsa();
	test_write();
	test_host_in_use();
	test_any_content();
	return 0;
}
