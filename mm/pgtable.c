/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One walk down the levels; everything else calls it. Bits are known to the level's description
 * and to encode() and decode() only.
 */
#include "mm/pgtable.h"

#include "abi/x86.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/string.h"

/* Bit 9 is free for software: APM2 5.4.1. */
#define X86_COMMON                                                                                 \
	.table_bits = PTE_W | PTE_A, .leaf_bits = PTE_A | PTE_D, .writable = PTE_W,                \
	.no_execute = PTE_NX, .uncached = PTE_PCD | PTE_PWT, .shared_note = BIT(9),                \
	.address_mask = PTE_ADDR_MASK

/*
 * APM2 5.3.3, an address:   47     39 38     30 29     21 20     12 11        0
 *                          |  PML4   |   PDP   |   PD    |   PT    |  offset   |
 */
const struct pgtable_level pgtable_x86_64[PGTABLE_LEVELS] = {
	{ .shift = 39, .type_mask = PTE_P, .table = PTE_P, X86_COMMON },
	{ .shift = 30, .type_mask = PTE_P | PTE_PS, .table = PTE_P, X86_COMMON },
	{ .shift = 21,
	  .type_mask = PTE_P | PTE_PS,
	  .table = PTE_P,
	  .leaf = PTE_P | PTE_PS,
	  X86_COMMON },
	{ .shift = 12, .type_mask = PTE_P, .leaf = PTE_P, X86_COMMON },
};

/* Where a walk ended: an entry of level @level, which covers @size bytes from @base on. */
struct position {
	const struct pgtable_level *level;
	u64 *entry;
	u64 base;
	u64 size;
};

static u64 address_mask(const struct pgtable *pt, const struct pgtable_level *level)
{
	return level->address_mask & ~(pt->private_mask | pt->shared_mask);
}

static bool is_table(const struct pgtable_level *level, u64 entry)
{
	return level->table && (entry & level->type_mask) == level->table;
}

static bool is_leaf(const struct pgtable_level *level, u64 entry)
{
	return level->leaf && (entry & level->type_mask) == level->leaf;
}

/* Tables are always private. */
static u64 encode_table(const struct pgtable *pt, const struct pgtable_level *level, pa_t table)
{
	return table.value | level->table | level->table_bits | pt->private_mask;
}

static u64 encode(const struct pgtable *pt, const struct pgtable_level *level, u64 target,
		  unsigned int flags)
{
	u64 entry = target | level->leaf | level->leaf_bits;

	entry |= flags & PGTABLE_W ? level->writable : 0;
	entry |= flags & PGTABLE_X ? 0 : level->no_execute;
	entry |= flags & PGTABLE_UNCACHED ? level->uncached : 0;
	if (flags & PGTABLE_SHARED)
		return entry | level->shared_note | pt->shared_mask;
	return entry | pt->private_mask;
}

static unsigned int decode(const struct pgtable *pt, const struct pgtable_level *level, u64 entry)
{
	unsigned int flags = 0;

	flags |= entry & level->writable ? PGTABLE_W : 0;
	flags |= entry & level->no_execute ? 0 : PGTABLE_X;
	flags |= entry & level->uncached ? PGTABLE_UNCACHED : 0;
	if ((entry & level->shared_note) || (entry & pt->shared_mask) ||
	    (entry & pt->private_mask) != pt->private_mask)
		flags |= PGTABLE_SHARED;
	return flags;
}

static u64 leaf_target(const struct pgtable *pt, const struct position *at)
{
	return *at->entry & address_mask(pt, at->level) & ~(at->size - 1);
}

static struct position position_in(const struct pgtable *pt, const struct pgtable_level *level,
				   pa_t table, u64 address)
{
	u64 *entries = pt->ops->phys_to_virt(table);
	u64 size = BIT(level->shift);

	return (struct position){ level, &entries[(address >> level->shift) % PTE_COUNT],
				  align_down(address, size), size };
}

/* Goes down to the entry of @address at level @last, or to one above it that is no table. */
static struct position walk(const struct pgtable *pt, u64 address, const struct pgtable_level *last)
{
	struct position at = position_in(pt, pt->levels, pt->root, address);

	while (at.level < last && is_table(at.level, *at.entry))
		at = position_in(pt, at.level + 1, pa(*at.entry & address_mask(pt, at.level)),
				 address);
	return at;
}

static const struct pgtable_level *last_level(const struct pgtable *pt)
{
	return pt->levels + PGTABLE_LEVELS - 1;
}

static unsigned int entries_left(const struct position *at)
{
	return PTE_COUNT - (at->base >> at->level->shift) % PTE_COUNT;
}

/* Where a walk down to the last level, to the address behind @at, would end. */
static void walk_next(const struct pgtable *pt, struct position *at)
{
	u64 next = at->base + at->size;

	if (entries_left(at) > 1 && !is_table(at->level, at->entry[1])) {
		at->entry++;
		at->base = next;
	} else {
		*at = walk(pt, next, last_level(pt));
	}
}

static int table_alloc(const struct pgtable *pt, pa_t *table)
{
	int error = pt->ops->alloc(table);

	if (!error)
		memset(pt->ops->phys_to_virt(*table), 0, PAGE_SIZE);
	return error;
}

int pgtable_init(struct pgtable *pt) { return table_alloc(pt, &pt->root); }

u64 pgtable_root_value(const struct pgtable *pt) { return pt->root.value | pt->private_mask; }

static void check_range(const struct pgtable *pt, u64 address, u64 size)
{
	u64 limit = BIT(pt->levels->shift) * PTE_COUNT;

	CHECK(is_aligned(address | size, (u64)PAGE_SIZE));
	CHECK(size <= limit && address <= limit - size);
}

/* The biggest leaf that fits at both addresses. */
static const struct pgtable_level *level_for(const struct pgtable *pt, u64 address, u64 target,
					     u64 size)
{
	const struct pgtable_level *level = pt->levels;

	while (!level->leaf || !is_aligned(address | target, BIT(level->shift)) ||
	       size < BIT(level->shift))
		level++;
	return level;
}

/* Walks to level @last and makes the tables that are missing on the way. */
static int walk_create(const struct pgtable *pt, u64 address, const struct pgtable_level *last,
		       struct position *at)
{
	*at = walk(pt, address, last);
	while (at->level < last && !is_leaf(at->level, *at->entry)) {
		pa_t table;
		int error = table_alloc(pt, &table);

		if (error)
			return error;
		WRITE_ONCE(*at->entry, encode_table(pt, at->level, table));
		*at = walk(pt, address, last);
	}
	return 0;
}

/* Fills absent entries from @at on, as far as the table and @size allow. */
static int fill(const struct pgtable *pt, const struct position *at, u64 target, u64 size,
		unsigned int flags, u64 *filled)
{
	u64 entry = encode(pt, at->level, target, flags);
	u64 count = size >> at->level->shift;

	if (count > entries_left(at))
		count = entries_left(at);
	for (u64 i = 0; i < count; i++) {
		if (is_leaf(at->level, at->entry[i]) || is_table(at->level, at->entry[i]))
			return -E_BUSY;
		WRITE_ONCE(at->entry[i], entry + (i << at->level->shift));
	}
	*filled = count << at->level->shift;
	return 0;
}

int pgtable_map(struct pgtable *pt, va_t address, pa_t target, u64 size, unsigned int flags)
{
	u64 filled;

	check_range(pt, address.value, size);
	CHECK(!((target.value | (target.value + size - 1)) & ~address_mask(pt, last_level(pt)) &
		~(u64)(PAGE_SIZE - 1)));
	for (u64 done = 0; done < size; done += filled) {
		u64 from = address.value + done, to = target.value + done;
		const struct pgtable_level *level = level_for(pt, from, to, size - done);
		struct position at;
		int error = walk_create(pt, from, level, &at);

		if (!error && at.level != level)
			error = -E_BUSY;
		if (!error)
			error = fill(pt, &at, to, size - done, flags, &filled);
		if (error)
			return error;
	}
	return 0;
}

/* Replaces a leaf by a table of smaller leaves that say the same. */
static int split_leaf(const struct pgtable *pt, const struct position *at)
{
	const struct pgtable_level *next = at->level + 1;
	unsigned int flags = decode(pt, at->level, *at->entry);
	u64 target = leaf_target(pt, at);
	pa_t table;
	int error = table_alloc(pt, &table);
	u64 *entries;

	if (error)
		return error;
	entries = pt->ops->phys_to_virt(table);
	for (u64 i = 0; i < PTE_COUNT; i++)
		entries[i] = encode(pt, next, target + (i << next->shift), flags);
	WRITE_ONCE(*at->entry, encode_table(pt, at->level, table));
	pt->ops->flush(va(at->base), PAGE_SIZE); /* any address drops a big entry */
	return 0;
}

/* No leaf may go across @address. */
static int split_at(const struct pgtable *pt, u64 address)
{
	int error = 0;

	while (!error) {
		struct position at = walk(pt, address, last_level(pt));

		if (at.base == address || !is_leaf(at.level, *at.entry))
			return 0;
		error = split_leaf(pt, &at);
	}
	return error;
}

int pgtable_split(struct pgtable *pt, va_t address, u64 size)
{
	u64 end = address.value + size;
	int error;

	check_range(pt, address.value, size);
	error = split_at(pt, address.value);
	if (error)
		return error;
	return end < BIT(pt->levels->shift) * PTE_COUNT ? split_at(pt, end) : 0;
}

static bool is_mapped(const struct pgtable *pt, u64 address, u64 end)
{
	struct position at = walk(pt, address, last_level(pt));

	while (at.base < end) {
		if (!is_leaf(at.level, *at.entry))
			return false;
		walk_next(pt, &at);
	}
	return true;
}

int pgtable_change(struct pgtable *pt, va_t address, u64 size, unsigned int mask,
		   unsigned int value)
{
	int error;

	check_range(pt, address.value, size);
	if (!is_mapped(pt, address.value, address.value + size))
		return -E_FAULT;
	error = pgtable_split(pt, address, size);
	if (!error)
		pgtable_set(pt, address, size, mask, value);
	return error;
}

void pgtable_set(struct pgtable *pt, va_t address, u64 size, unsigned int mask, unsigned int value)
{
	u64 end = address.value + size;
	struct position at;

	for (at = walk(pt, address.value, last_level(pt)); at.base < end; walk_next(pt, &at)) {
		unsigned int flags = decode(pt, at.level, *at.entry);

		flags = (flags & ~mask) | (value & mask);
		WRITE_ONCE(*at.entry, encode(pt, at.level, leaf_target(pt, &at), flags));
	}
	pt->ops->flush(address, size);
}

bool pgtable_is(const struct pgtable *pt, va_t address, u64 size, unsigned int flags)
{
	u64 end = address.value + size;
	struct position at;

	for (at = walk(pt, address.value, last_level(pt)); at.base < end; walk_next(pt, &at))
		if (!is_leaf(at.level, *at.entry) || decode(pt, at.level, *at.entry) != flags)
			return false;
	return true;
}

int pgtable_unmap(struct pgtable *pt, va_t address, u64 size)
{
	u64 end = address.value + size;
	struct position at;
	int error = pgtable_split(pt, address, size);

	if (error)
		return error;
	for (at = walk(pt, address.value, last_level(pt)); at.base < end; walk_next(pt, &at)) {
		if (is_leaf(at.level, *at.entry))
			WRITE_ONCE(*at.entry, 0);
	}
	pt->ops->flush(address, size);
	return 0;
}

static struct pgtable_leaf leaf_at(const struct pgtable *pt, const struct position *at)
{
	return (struct pgtable_leaf){ va(at->base), pa(leaf_target(pt, at)), at->size,
				      decode(pt, at->level, *at->entry) };
}

void pgtable_must(int error)
{
	if (error)
		panic("page tables: error %d where none can be", error);
}

int pgtable_find(const struct pgtable *pt, va_t address, struct pgtable_leaf *leaf)
{
	struct position at = walk(pt, address.value, last_level(pt));

	if (!is_leaf(at.level, *at.entry))
		return -E_FAULT;
	*leaf = leaf_at(pt, &at);
	return 0;
}

void pgtable_walk(const struct pgtable *pt, pgtable_visit_t visit, void *context)
{
	u64 end = BIT(pt->levels->shift) * PTE_COUNT;
	struct position at;

	for (at = walk(pt, 0, last_level(pt)); at.base < end; walk_next(pt, &at)) {
		if (is_leaf(at.level, *at.entry)) {
			struct pgtable_leaf leaf = leaf_at(pt, &at);

			visit(&leaf, context);
		}
	}
}

static void audit_leaf(const struct pgtable_leaf *leaf, void *context)
{
	struct pgtable_audit *audit = context;
	bool executable = leaf->flags & PGTABLE_X, shared = leaf->flags & PGTABLE_SHARED;

	audit->mapped += leaf->size;
	audit->shared += shared ? leaf->size : 0;
	audit->executable += executable ? leaf->size : 0;
	audit->shared_and_executable += shared && executable ? leaf->size : 0;
	audit->writable_and_executable += executable && leaf->flags & PGTABLE_W ? leaf->size : 0;
}

struct pgtable_audit pgtable_audit(const struct pgtable *pt)
{
	struct pgtable_audit audit = { 0 };

	pgtable_walk(pt, audit_leaf, &audit);
	return audit;
}
