/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever is mapped and unmapped in whatever order, a nested walk finds what a plain array says,
 * and nothing else: what is unmapped is gone, and its neighbours in a 2M mapping stay. A mapping
 * never goes or changes without the generation that makes processors flush, nor, unless that may
 * wait, without the one that calls them out of the guest. With few tables any mapping may be gone,
 * but there are always enough. A long run: as in model-rmp.c.
 *
 * RUN: clang @%build/lists/flags-native -fsanitize=fuzzer %s -o %t
 * RUN: %t -seed=1 -runs=3000 -max_len=512 -len_control=0 -artifact_prefix=%t- 2>&1
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../monitor/svm/npt.c"

#define REGIONS     6 /* of 2M; the last two are far apart, and nothing is mapped by 2M there */
#define NEAR        4
#define WINDOW      8 /* pages looked at of each region: at its start, and at its end */
#define MEMORY      ((u64)NEAR * PAGE_2M_SIZE)
#define TABLES      (NPT_VIEW_COUNT * NEAR + SPARE_TABLES)
#define ALIAS       BIT(47)
#define FAR_SPACING (U64_C(1) << 32)

struct guest guest;
u32 host_levels = 4;

/* As leaves would have it; 0: not mapped. */
static u64 plain[NPT_VIEW_COUNT][REGIONS][2 * WINDOW];
static u64 seen[NPT_VIEW_COUNT][REGIONS][2 * WINDOW];
static struct npt npt;
static bool is_scarce; /* mappings may be dropped */
static u64 flushed;    /* as smp.c keeps it */

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct operation {
	u8 what; /* bits 0-1: which; 2: 2M; 3: view; 4: write; 5: execute; 6: another host page */
	u8 region;
	u8 page;
	u8 count;
};

noreturn_t panic(const char *fmt, ...)
{
	(void)fmt;
	abort();
}

void *memory_alloc_dirty(u64 size)
{
	static _Alignas(4096) u8 pool[TABLES * PAGE_SIZE];

	assert(size == sizeof(pool));
	memset(pool, 0xa5, sizeof(pool));
	return pool;
}

static u64 region_gpa(unsigned int region)
{
	u64 base = (u64)region * PAGE_2M_SIZE;

	return region < NEAR ? base : base + (region - NEAR + 1) * FAR_SPACING;
}

static u64 page_gpa(unsigned int region, unsigned int page)
{
	u64 frame = page < WINDOW ? page : PTE_COUNT - 2 * WINDOW + page;

	return region_gpa(region) + frame * PAGE_SIZE;
}

/* What the processor finds, as a 4K leaf. */
static u64 walk_to(enum npt_view view, u64 gpa)
{
	u64 *table = npt.views[view];

	for (unsigned int level = npt.view_level;; level--) {
		u64 entry = table[index_at(gpa, level)];

		if (!entry || level == 1)
			return entry;
		if (level == 2 && entry & PTE_PS)
			return (entry & ~(u64)PTE_PS) + gpa % PAGE_2M_SIZE / PAGE_SIZE * PAGE_SIZE;
		table = table_of(entry);
	}
}

static void compare(u64 generation)
{
	for (unsigned int view = 0; view < NPT_VIEW_COUNT; view++)
		for (unsigned int region = 0; region < REGIONS; region++)
			for (unsigned int page = 0; page < 2 * WINDOW; page++) {
				u64 now = walk_to(view, page_gpa(region, page));
				u64 *before = &seen[view][region][page];

				assert(now == plain[view][region][page] || (is_scarce && !now));
				assert(!*before || now == *before || npt.generation != generation);
				*before = now;
			}
}

static void do_map(struct operation op)
{
	enum npt_view view = op.what & 8 ? NPT_PRIVATE : NPT_SHARED;
	bool large = op.what & 4 && op.region < NEAR;
	bool write = op.what & 16, execute = op.what & 32;
	u64 gpa = page_gpa(op.region, op.page), size = (op.count % 4 + U64_C(1)) * PAGE_SIZE, host;
	u64 flags = NPT_LEAF | (write ? PTE_W : 0) | (execute ? 0 : PTE_NX);

	if (large) {
		gpa = region_gpa(op.region);
		size = PAGE_2M_SIZE;
	} else if (size > PAGE_2M_SIZE - gpa % PAGE_2M_SIZE) {
		size = PAGE_SIZE;
	}
	host = op.what & 64 ? gpa + BIT(40) : gpa;
	npt_map(&npt, view, gpa, host, size, write, execute);
	for (unsigned int page = 0; page < 2 * WINDOW; page++)
		if (page_gpa(op.region, page) - gpa < size)
			plain[view][op.region][page] =
				(page_gpa(op.region, page) + host - gpa) | flags;
}

/* From a page on: some, all to the region's end, or several regions. */
static void do_unmap(struct operation op)
{
	u64 gpa = page_gpa(op.region, op.page), size = (op.count % 32 + U64_C(1)) * PAGE_SIZE;

	if (op.what & 4) {
		gpa = region_gpa(op.region);
		size = (op.count % 3 + 1) * PAGE_2M_SIZE;
	}
	if (op.what & 8) {
		npt_unmap_lazily(&npt, gpa, size);
	} else {
		npt_unmap(&npt, gpa, size);
		assert(npt_urgent() == npt.generation);
	}
	for (unsigned int view = 0; view < NPT_VIEW_COUNT; view++)
		for (unsigned int region = 0; region < REGIONS; region++)
			for (unsigned int page = 0; page < 2 * WINDOW; page++)
				if (page_gpa(region, page) - gpa < size)
					plain[view][region][page] = 0;
}

static void do_unmap_shared(struct operation op)
{
	u64 gpa = page_gpa(op.region, op.page), leaf = walk_to(NPT_SHARED, gpa);
	unsigned int level;

	find(&npt, NPT_SHARED, gpa, 1, &level);
	npt_unmap_shared(&npt, gpa);
	if (leaf && level == 1)
		plain[NPT_SHARED][op.region][op.page] = 0;
}

/* Before the next exit, all processors have left the guest, where that is urgent. */
static void end_exit(void)
{
	assert(npt_urgent() <= npt.generation);
	if (flushed < npt_urgent()) {
		flushed = npt.generation;
		npt_flushed();
	}
}

/* Tables that a guest has used up by addresses far apart, an exit each; all but so many. */
static void use_up(unsigned int left)
{
	for (u64 i = 0; table_count > left && i < TABLES; i++) {
		npt_map(&npt, NPT_SHARED, BIT(38) + i * PAGE_2M_SIZE, 0, PAGE_SIZE, true, false);
		end_exit();
	}
}

static void apply(struct operation op)
{
	u64 generation = npt.generation;

	op.region %= REGIONS;
	op.page %= 2 * WINDOW;
	switch (op.what & 3) {
	case 0: do_unmap(op); break;
	case 1: do_unmap_shared(op); break;
	default: do_map(op);
	}
	if (is_scarce && op.count & 0x80)
		use_up(op.count & 0x1f);
	assert(table_count <= TABLES);
	compare(generation);
	end_exit();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	if (!size)
		return 0;
	memset(plain, 0, sizeof(plain));
	memset(seen, 0, sizeof(seen));
	free_tables = stale_tables = NULL;
	is_scarce = data[0] & 1;
	guest.cpu_count = data[0] & 2 ? 2 : 1;
	npt = (struct npt){ .alias_bit = ALIAS };
	flushed = 0;
	last = urgent = 0;
	npt_init_tables(MEMORY);
	npt_init(&npt);
	for (data++, size--; size >= sizeof(struct operation); size -= sizeof(struct operation)) {
		struct operation op;

		memcpy(&op, data, sizeof(op));
		data += sizeof(op);
		apply(op);
	}
	return 0;
}
