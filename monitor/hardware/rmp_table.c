/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processor's reverse map: see rmp_table.h.
 */
#include "monitor/hardware/rmp_table.h"

#include "abi/x86.h"
#include "lib/compiler.h"

#define PAGES_2M        (PAGE_2M_SIZE / PAGE_SIZE)
#define SUBPAGE_ONE     (U64_C(1) << RMP_RAW_SUBPAGES_SHIFT)
#define VMPL0_ALL       ((u64)RMP_PERM_ALL)
#define RAW_PERM(hi, n) ((u32)((hi) >> (8 * (n))) & RMP_PERM_ALL)

int rmp_table_init(struct rmp_table *table, void *memory, u64 base, u64 size)
{
	if (size < RMP_BOOKKEEPING_SIZE + sizeof(struct rmp_raw))
		return -E_INVAL;
	*table = (struct rmp_table){
		.asid_pages = memory,
		.entries = (struct rmp_raw *)((u8 *)memory + RMP_BOOKKEEPING_SIZE),
		.page_count = (size - RMP_BOOKKEEPING_SIZE) / sizeof(struct rmp_raw),
		.base = base,
		.size = size,
	};
	return 0;
}

static struct rmp_raw *own_entry(const struct rmp_table *table, u64 pa)
{
	u64 page = pa >> PAGE_SHIFT;

	return page < table->page_count ? &table->entries[page] : NULL;
}

static struct rmp_raw *head_entry(const struct rmp_table *table, u64 pa)
{
	return own_entry(table, align_down(pa, PAGE_2M_SIZE));
}

static bool is_large(const struct rmp_raw *head)
{
	return (head->lo & (RMP_RAW_ASSIGNED | RMP_RAW_LARGE)) ==
	       (RMP_RAW_ASSIGNED | RMP_RAW_LARGE);
}

struct rmp_raw *rmp_table_entry(const struct rmp_table *table, u64 pa)
{
	struct rmp_raw *entry = own_entry(table, pa), *head = head_entry(table, pa);

	return entry && is_large(head) ? head : entry;
}

static u32 word_of(const struct rmp_raw *e)
{
	u32 word = 0;

	for (unsigned int vmpl = 1; vmpl < VMPL_COUNT; vmpl++)
		word |= RAW_PERM(e->hi, vmpl) << RMP_VMPL_SHIFT(vmpl);
	return word | (e->lo & RMP_RAW_ASSIGNED ? RMP_ASSIGNED : 0) |
	       (e->lo & RMP_RAW_VALIDATED ? RMP_VALIDATED : 0) | (is_large(e) ? RMP_LARGE : 0) |
	       (e->lo & RMP_RAW_VMSA ? RMP_VMSA : 0) |
	       (e->lo & RMP_RAW_IMMUTABLE ? RMP_IMMUTABLE : 0) |
	       (e->lo & RMP_RAW_LOCK ? RMP_IN_USE : 0);
}

u32 rmp_table_word(const struct rmp_table *table, u64 pa)
{
	const struct rmp_raw *entry = rmp_table_entry(table, pa);

	return entry ? word_of(entry) : 0;
}

bool rmp_table_free_2m(const struct rmp_table *table, u64 pa)
{
	const struct rmp_raw *head = head_entry(table, pa);

	return !head || !(head->lo & (RMP_RAW_ASSIGNED | RMP_RAW_SUBPAGES));
}

bool rmp_table_covers_itself(const struct rmp_table *table, u64 pa, u64 size)
{
	return size && pa < table->base + table->size && pa + size - 1 >= table->base;
}

/* Of the 2M whose first entry is @head: one more, or one less, of the others is assigned. */
static void count_subpage(struct rmp_raw *head, bool was, bool is)
{
	u64 count = head->lo & RMP_RAW_SUBPAGES;

	if (is && !was && count != RMP_RAW_SUBPAGES)
		head->lo += SUBPAGE_ONE;
	else if (was && !is && count)
		head->lo -= SUBPAGE_ONE;
}

/* The pages that an entry gives to its ASID. */
static u64 pages_of(u64 lo)
{
	if (!(lo & RMP_RAW_ASSIGNED) || !(lo & RMP_RAW_ASID))
		return 0;
	return lo & RMP_RAW_LARGE ? PAGES_2M : 1;
}

void rmp_table_write(struct rmp_table *table, struct rmp_raw *entry, u64 lo, u64 hi)
{
	u64 page = (u64)(entry - table->entries), old = entry->lo;
	struct rmp_raw *head = &table->entries[align_down(page, PAGES_2M)];

	entry->hi = hi;
	entry->lo = (lo & ~RMP_RAW_SUBPAGES) | (old & RMP_RAW_SUBPAGES);
	if (entry != head)
		count_subpage(head, old & RMP_RAW_ASSIGNED, lo & RMP_RAW_ASSIGNED);
	table->asid_pages[bits_get(old, 60, 51)] -= pages_of(old);
	table->asid_pages[bits_get(lo, 60, 51)] += pages_of(lo);
}

_Static_assert(RMP_RAW_ASID >> RMP_RAW_ASID_SHIFT < RMP_BOOKKEEPING_SIZE / sizeof(u64), "one each");

/* What RMPUPDATE makes of an entry: an unassigned one says nothing more, so has no size either. */
static u64 updated(const struct rmp_state *s)
{
	if (!s->assigned)
		return 0;
	return RMP_RAW_ASSIGNED | (s->page_size ? RMP_RAW_LARGE : 0) |
	       (s->immutable ? RMP_RAW_IMMUTABLE : 0) | (s->gpa & RMP_RAW_GPA) |
	       (u64)s->asid << RMP_RAW_ASID_SHIFT;
}

static bool state_ok(const struct rmp_state *s, u64 pa)
{
	u64 size = s->page_size == RMP_PG_SIZE_2M ? PAGE_2M_SIZE : PAGE_SIZE;

	if (s->assigned > 1 || s->page_size > RMP_PG_SIZE_2M || s->immutable > 1 ||
	    s->reserved_0xb || s->asid >= RMP_RAW_ASID >> RMP_RAW_ASID_SHIFT)
		return false;
	if (!is_aligned(pa, size) || !is_aligned(s->gpa, size) || s->gpa & ~RMP_RAW_GPA)
		return false;
	return s->assigned || !(s->immutable || s->asid || s->gpa);
}

/* A 4K update inside of a 2M entry, or a 2M one over 4K entries. */
static bool overlaps(const struct rmp_raw *head, bool large)
{
	return large ? head->lo & RMP_RAW_SUBPAGES : is_large(head);
}

/* One page of the 2M of @head is: RMPUPDATE of all of them leaves none out. */
static bool any_in_use(const struct rmp_raw *head)
{
	for (u64 i = 1; i < PAGES_2M; i++)
		if (head[i].lo & RMP_RAW_LOCK)
			return true;
	return false;
}

u32 rmp_table_update(struct rmp_table *table, u64 pa, const struct rmp_state *state)
{
	struct rmp_raw *entry = own_entry(table, pa), *head = head_entry(table, pa);
	bool large = state->page_size == RMP_PG_SIZE_2M;

	if (!entry || !state_ok(state, pa) ||
	    (large && !own_entry(table, pa + PAGE_2M_SIZE - PAGE_SIZE)))
		return RMPUPDATE_FAIL_INPUT;
	if (rmp_table_entry(table, pa)->lo & RMP_RAW_IMMUTABLE)
		return RMPUPDATE_FAIL_PERMISSION;
	if (rmp_table_entry(table, pa)->lo & RMP_RAW_LOCK)
		return RMPUPDATE_FAIL_INUSE;
	if (overlaps(head, large))
		return RMPUPDATE_FAIL_OVERLAP;
	if (large && !is_large(head) && any_in_use(head))
		return RMPUPDATE_FAIL_INUSE;
	rmp_table_write(table, entry, updated(state), state->assigned ? VMPL0_ALL : 0);
	return RMPUPDATE_SUCCESS;
}

u32 rmp_table_psmash(struct rmp_table *table, u64 pa)
{
	struct rmp_raw *head = own_entry(table, pa);
	u64 lo;

	if (!head)
		return PSMASH_FAIL_BADADDR;
	if (!is_aligned(pa, PAGE_2M_SIZE) || !is_large(head) ||
	    !own_entry(table, pa + PAGE_2M_SIZE - PAGE_SIZE))
		return PSMASH_FAIL_INPUT;
	if (head->lo & RMP_RAW_IMMUTABLE)
		return PSMASH_FAIL_PERMISSION;
	if (head->lo & RMP_RAW_LOCK)
		return PSMASH_FAIL_INUSE;
	lo = head->lo & ~(RMP_RAW_LARGE | RMP_RAW_SUBPAGES);
	for (u64 i = 1; i < PAGES_2M; i++)
		head[i] = (struct rmp_raw){ .lo = lo + (i << PAGE_SHIFT), .hi = head->hi };
	head->lo = lo | RMP_RAW_SUBPAGES;
	return 0;
}
_Static_assert(RMP_RAW_SUBPAGES >> RMP_RAW_SUBPAGES_SHIFT == PAGES_2M - 1, "all others");

/* Reads of the host and of guests without SNP are free, and give ciphertext. */
static enum rmp_fault check_host(const struct rmp_table *table, u64 pa,
				 const struct rmp_access *access)
{
	bool writes = access->kind == ACCESS_WRITE || access->kind == ACCESS_WALK;

	if (!writes)
		return RMP_FAULT_NONE;
	if (access->large ? !rmp_table_free_2m(table, pa)
			  : rmp_table_word(table, pa) & RMP_ASSIGNED)
		return RMP_FAULT_UNASSIGNED;
	return RMP_FAULT_NONE;
}

/* Whether the entry gives the page at @pa to @asid, at @gpa. */
static bool belongs(const struct rmp_table *table, u64 pa, u32 asid, u64 gpa)
{
	const struct rmp_raw *e = rmp_table_entry(table, pa);
	u64 size = e && is_large(e) ? PAGE_2M_SIZE : PAGE_SIZE;

	return e && e->lo & RMP_RAW_ASSIGNED && !(e->lo & RMP_RAW_IMMUTABLE) && asid &&
	       rmp_raw_asid(e) == asid && rmp_raw_gpa(e) == align_down(gpa, size) &&
	       !((gpa ^ pa) & (size - 1) & ~(u64)(PAGE_SIZE - 1));
}

enum rmp_fault rmp_table_check(const struct rmp_table *table, u64 pa,
			       const struct rmp_access *access)
{
	bool is_private =
		!access->shared || access->kind == ACCESS_WALK || access->kind == ACCESS_EXECUTE;
	u32 word = rmp_table_word(table, pa);

	if (!access->asid || !is_private)
		return check_host(table, pa, access);
	if (!belongs(table, pa, access->asid, access->gpa))
		return RMP_FAULT_UNASSIGNED;
	if (access->large != !!(word & RMP_LARGE))
		return RMP_FAULT_SIZE;
	return rmp_rule_private(word, access->vmpl, access->kind);
}

/* What an instruction of a guest meets: the entry's word, or 0 where it is not the guest's. */
static u32 operand(const struct rmp_table *table, u32 asid, u64 gpa, u64 pa)
{
	return belongs(table, pa, asid, gpa) ? rmp_table_word(table, pa) : 0;
}

struct rmp_change rmp_table_pvalidate(struct rmp_table *table, u32 asid, u64 gpa, u64 pa, u64 size,
				      bool validate)
{
	u32 word = operand(table, asid, gpa, pa);
	struct rmp_change c = rmp_rule_pvalidate(word, gpa, size, word & RMP_IN_USE, validate);

	if (!c.fault && !c.status && !c.unchanged)
		rmp_table_entry(table, pa)->lo ^= RMP_RAW_VALIDATED;
	return c;
}

struct rmp_change rmp_table_adjust(struct rmp_table *table, u32 asid, unsigned int vmpl, u64 gpa,
				   u64 pa, u64 size, u64 attributes)
{
	u32 word = operand(table, asid, gpa, pa);
	struct rmp_change c = rmp_rule_adjust(word, gpa, size, word & RMP_IN_USE, vmpl, attributes);
	unsigned int target = bits_get(attributes, 7, 0);
	struct rmp_raw *entry = rmp_table_entry(table, pa);

	if (c.fault || c.status)
		return c;
	entry->hi &= ~((u64)RMP_PERM_ALL << (8 * target));
	entry->hi |= bits_get(attributes, 15, 8) << (8 * target);
	entry->lo &= ~RMP_RAW_VMSA;
	entry->lo |= attributes & RMPADJUST_VMSA ? RMP_RAW_VMSA : 0;
	return c;
}

bool rmp_table_vmsa_begin(struct rmp_table *table, u64 pa, u32 asid)
{
	struct rmp_raw *entry = rmp_table_entry(table, pa);
	u64 needed = RMP_RAW_ASSIGNED | RMP_RAW_VALIDATED | RMP_RAW_VMSA;

	if (!entry || !asid || rmp_raw_asid(entry) != asid ||
	    (entry->lo & (needed | RMP_RAW_LARGE | RMP_RAW_IMMUTABLE | RMP_RAW_LOCK)) != needed)
		return false;
	entry->lo |= RMP_RAW_LOCK;
	return true;
}

void rmp_table_vmsa_end(struct rmp_table *table, u64 pa)
{
	struct rmp_raw *entry = rmp_table_entry(table, pa);

	if (entry && entry->lo & RMP_RAW_VMSA && !(entry->lo & RMP_RAW_IMMUTABLE))
		entry->lo &= ~RMP_RAW_LOCK;
}

bool rmp_table_host_begin(struct rmp_table *table, u64 pa)
{
	struct rmp_raw *entry = rmp_table_entry(table, pa);

	if (!entry)
		return true;
	if (entry->lo & (RMP_RAW_ASSIGNED | RMP_RAW_LOCK))
		return false;
	entry->lo |= RMP_RAW_LOCK;
	return true;
}

void rmp_table_host_end(struct rmp_table *table, u64 pa)
{
	struct rmp_raw *entry = rmp_table_entry(table, pa);

	if (entry && !(entry->lo & RMP_RAW_ASSIGNED))
		entry->lo &= ~RMP_RAW_LOCK;
}
