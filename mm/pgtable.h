/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page tables, from a description of each level. Where tables come from and how they are reached
 * are callbacks, so that the same code runs natively in tests/unit, with a fake format.
 * Does not: free tables, merge 4K entries back into a 2M one, use 1G or global entries.
 */
#pragma once

#include "abi/bits.h"
#include "lib/addr.h"
#include "lib/errno.h"

/* What a mapping allows; readable, private and cached unless it says otherwise. */
enum pgtable_flags {
	PGTABLE_W = 0x1,
	PGTABLE_X = 0x2,
	PGTABLE_SHARED = 0x4, /* with the host */
	PGTABLE_UNCACHED = 0x8,
	PGTABLE_FLAGS_ALL = 0xf,
};

/* One level. Bits are written only where its own description says. */
struct pgtable_level {
	unsigned int shift; /* an entry covers 1 << shift bytes */
	u64 type_mask;      /* entry & type_mask says what it is: */
	u64 table;          /* another table; 0 where there can be none */
	u64 leaf;           /* memory; 0 where there can be none */
	u64 table_bits;     /* set besides in a table's entry */
	u64 leaf_bits;      /* set besides in every leaf */
	u64 writable;
	u64 no_execute;
	u64 uncached;
	u64 shared_note;  /* for software: remembers PGTABLE_SHARED where no mask tells it */
	u64 address_mask; /* the platform's private and shared masks are taken out of it */
};

#define PGTABLE_LEVELS 4
/* APM2 5.3: PML4, PDP, PD, PT; the root first. */
extern const struct pgtable_level pgtable_x86_64[PGTABLE_LEVELS];

struct pgtable_ops {
	/* A page for a table, any content. Returns 0 or -E_NOMEM. */
	int (*alloc)(pa_t *page);
	void *(*phys_to_virt)(pa_t page);
	/* Entries for [@address, +@size) were present and have changed. */
	void (*flush)(va_t address, u64 size);
};

struct pgtable {
	const struct pgtable_level *levels; /* PGTABLE_LEVELS of them */
	const struct pgtable_ops *ops;
	u64 private_mask; /* as in struct platform */
	u64 shared_mask;
	pa_t root;
};

/* A leaf as pgtable_find() and pgtable_walk() report it. */
struct pgtable_leaf {
	va_t address; /* of its first byte */
	pa_t target;
	u64 size;
	unsigned int flags;
};

/* Gets an empty root. Everything but @root is set by the caller before. */
int must_check pgtable_init(struct pgtable *pt);
/* The value for CR3. */
u64 pgtable_root_value(const struct pgtable *pt);

/*
 * Maps whole pages, in 2M entries where both addresses allow one. Returns 0, -E_NOMEM, or -E_BUSY
 * when a part is mapped already; then what was mapped before that part stays mapped.
 */
int must_check pgtable_map(struct pgtable *pt, va_t address, pa_t target, u64 size,
			   unsigned int flags);
/*
 * Makes sure that [address, +size) begins and ends at the ends of entries, by splitting the 2M
 * entries across them. Returns 0 or -E_NOMEM. Afterwards pgtable_change() and pgtable_unmap() of
 * the same range cannot run out of memory.
 */
int must_check pgtable_split(struct pgtable *pt, va_t address, u64 size);
/*
 * Gives all of the range the flags @value in place of those in @mask. Returns 0, -E_NOMEM, or
 * -E_FAULT when a part is not mapped; nothing is changed then.
 */
int must_check pgtable_change(struct pgtable *pt, va_t address, u64 size, unsigned int mask,
			      unsigned int value);
/* The same for a range that is mapped, and that pgtable_split() was called for: cannot fail. */
void pgtable_set(struct pgtable *pt, va_t address, u64 size, unsigned int mask, unsigned int value);
/* Whether all of the range is mapped, with exactly these flags. */
bool pgtable_is(const struct pgtable *pt, va_t address, u64 size, unsigned int flags);
/* Unmaps the range, mapped or not. Returns 0 or -E_NOMEM (before anything is unmapped). */
int must_check pgtable_unmap(struct pgtable *pt, va_t address, u64 size);

/* For callers who made sure that nothing can fail: panics unless @error is 0. */
void pgtable_must(int error);

/* The leaf that maps @address. Returns 0, or -E_FAULT when there is none. */
int must_check pgtable_find(const struct pgtable *pt, va_t address, struct pgtable_leaf *leaf);

/* Calls @visit for each leaf, lowest address first. */
typedef void (*pgtable_visit_t)(const struct pgtable_leaf *leaf, void *context);
void pgtable_walk(const struct pgtable *pt, pgtable_visit_t visit, void *context);

/* What the tables allow, in bytes. */
struct pgtable_audit {
	u64 writable_and_executable; /* must be 0 */
	u64 executable;
	u64 shared;
	u64 shared_and_executable; /* must be 0 */
	u64 mapped;
};
struct pgtable_audit pgtable_audit(const struct pgtable *pt);
