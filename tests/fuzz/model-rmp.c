/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a guest does in whatever order, the RMP is what a second, simpler model of it is: one
 * letter a page, one flag each 2M. A page-state change never makes a validated page shared.
 * The suite's run is short and always the same. A long one: the lines below with
 * `-max_total_time=3600 CORPUS` in place of -runs and -seed.
 *
 * RUN: clang @%build/lists/flags-native -fsanitize=fuzzer %s -o %t
 * RUN: %t -seed=1 -runs=6000 -max_len=256 -artifact_prefix=%t- 2>&1
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "../../monitor/host/psc.c"
#include "../../monitor/hardware/page_state.c"
#include "../../monitor/hardware/rmp.c"
#include "../../monitor/hardware/rmp_rules.c"

#define REGIONS 3
#define WHOLE   (REGIONS * 512)
#define PAGES   (WHOLE + 9) /* the last 2M is not whole */

static u32 entries[PAGE_STATE_WORDS(PAGES)];
static struct rmp rmp;

/* The second model: 's'hared, 'p'rivate or 'v'alidated. */
static char state[PAGES];
static bool large[REGIONS];

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct operation {
	u8 code;
	u8 flags; /* bit 0: 2M; bit 1: validate; the rest: entries of a batch */
	u16 page;
};

static bool is_large(u64 page) { return page < WHOLE && large[page / 512]; }

static void put(u64 page, u64 count, char letter) { memset(state + page, letter, count); }

static bool any(u64 page, u64 count, char letter) { return memchr(state + page, letter, count); }

/* False: outside of the table or not aligned. */
static bool fits(u64 page, bool is_2m)
{
	u64 count = is_2m ? 512 : 1;

	return page % count == 0 && page + count <= PAGES;
}

static void do_private(u64 page, bool is_2m)
{
	u64 count = is_2m ? 512 : 1;

	if (is_2m && !any(page, count, 'p') && !any(page, count, 'v'))
		large[page / 512] = true;
	for (u64 i = 0; i < count; i++)
		if (state[page + i] == 's')
			state[page + i] = 'p';
}

/* False: a violation. */
static bool do_shared(u64 page, bool is_2m)
{
	u64 count = is_2m ? 512 : 1;

	if (any(page, count, 'v'))
		return false;
	if (state[page] != 's' || is_2m)
		if (page < WHOLE)
			large[page / 512] = false;
	put(page, count, 's');
	return true;
}

static void try_private(u64 page, bool is_2m)
{
	int error = rmp_make_private(&rmp, page * PAGE_SIZE, is_2m);

	assert(!error == fits(page, is_2m));
	if (!error)
		do_private(page, is_2m);
}

static void try_shared(u64 page, bool is_2m)
{
	struct rmp_result r;
	int error = rmp_make_shared(&rmp, page * PAGE_SIZE, is_2m, &r);

	assert(!error == fits(page, is_2m));
	if (error)
		return;
	if (do_shared(page, is_2m))
		assert(!r.violation);
	else
		assert(r.violation == VIOLATION_PSC_SHARED_VALIDATED);
}

static void try_pvalidate(u64 page, bool is_2m, bool validate)
{
	struct rmp_result r = rmp_pvalidate(&rmp, page * PAGE_SIZE, is_2m, validate);
	u64 count = is_2m ? 512 : 1;

	if (page % count) {
		assert(!r.violation && r.status == PVALIDATE_FAIL_INPUT);
	} else if (page + count > PAGES || state[page] == 's') {
		assert(r.violation == VIOLATION_PVALIDATE_UNASSIGNED);
	} else if (is_2m && !is_large(page)) {
		assert(!r.violation && r.status == PVALIDATE_FAIL_SIZEMISMATCH);
	} else if (validate && state[page] == 'v') {
		assert(r.violation == VIOLATION_PVALIDATE_TWICE);
	} else {
		assert(!r.violation && !r.status && r.smashed == (!is_2m && is_large(page)));
		assert(r.unchanged == (!validate && state[page] == 'p'));
		if (r.smashed)
			large[page / 512] = false;
		put(page, count, validate ? 'v' : 'p');
	}
}

static void try_smash(u64 page, bool join)
{
	u64 head = page & ~U64_C(511);
	bool equal = head < WHOLE && state[head] != 's' && !any(head, 512, 's') &&
		     any(head, 512, 'p') != any(head, 512, 'v');
	int error = join ? rmp_unsmash(&rmp, page * PAGE_SIZE) : rmp_smash(&rmp, page * PAGE_SIZE);

	assert(!error == (join ? equal && !is_large(page) : is_large(page)));
	if (!error)
		large[page / 512] = join;
}

static void changed(void *context, u64 gpa, u64 size, bool private)
{
	assert(context == &rmp);
	if (private)
		do_private(gpa / PAGE_SIZE, size == PAGE_2M_SIZE);
	else
		assert(do_shared(gpa / PAGE_SIZE, size == PAGE_2M_SIZE));
}

/* A batch straight from the input, so that every bit of its entries is tried. */
static size_t try_batch(const u8 *data, size_t size, unsigned int count)
{
	struct psc_desc desc = { 0 };
	struct psc_result r;
	size_t used = count * sizeof(u64);

	if (used > size)
		used = size;
	memcpy(desc.entries, data, used);
	desc.header.end_entry = (u16)count;
	r = psc_process(&desc, PSC_ENTRY_MAX, &rmp, changed, &rmp);
	assert(desc.header.cur_entry == r.entries && r.entries <= count + 1U);
	assert((r.error == 0) == (r.entries == count + 1U));
	assert(!r.violation || r.error == PSC_ERROR_GENERIC);
	if (r.violation)
		assert(state[r.gpa / PAGE_SIZE] == 'v');
	/* hints are not reported: take over what they did to sizes, which compare() checks */
	for (u64 i = 0; i < REGIONS; i++)
		large[i] = rmp_flags(&rmp, i * PAGE_2M_SIZE) & RMP_LARGE;
	return used;
}

static void compare(void)
{
	for (u64 i = 0; i < PAGES; i++) {
		u32 flags = rmp_flags(&rmp, i * PAGE_SIZE);

		assert(!(flags & RMP_ASSIGNED) == (state[i] == 's'));
		assert(!(flags & RMP_VALIDATED) == (state[i] != 'v'));
		assert(!(flags & RMP_LARGE) == !is_large(i));
		if (is_large(i))
			assert(state[i] != 's' && state[i] == state[i & ~U64_C(511)]);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	rmp_init(&rmp, entries, PAGES);
	put(0, PAGES, 's');
	memset(large, 0, sizeof(large));
	while (size >= sizeof(struct operation)) {
		struct operation op;
		bool is_2m;

		memcpy(&op, data, sizeof(op));
		data += sizeof(op);
		size -= sizeof(op);
		op.page %= PAGES + 3;
		is_2m = op.flags & 1;
		if (is_2m && op.flags & 0x80) /* mostly aligned */
			op.page &= (u16)~511;
		switch (op.code % 6) {
		case 0: try_private(op.page, is_2m); break;
		case 1: try_shared(op.page, is_2m); break;
		case 2: try_pvalidate(op.page, is_2m, op.flags & 2); break;
		case 3: try_smash(op.page, op.flags & 2); break;
		default: {
			size_t used = try_batch(data, size, op.flags >> 4);

			data += used;
			size -= used;
		}
		}
		compare();
	}
	return 0;
}
