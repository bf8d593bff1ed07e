/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever memory map the loader gives: each page of RAM is mapped once, and accepted once unless
 * its giver has, when it is handed out once, to heap, metadata or phys_alloc(), or all before; and
 * none is lost.
 * RUN: %unit-cc -O1 %s -iquote %S/Inputs/mm -o %t
 */
#include "../../early/boot_ranges.c"
#include "../../early/memory_map.c"
#include "../../lib/format.c"
#include "../../mm/accept.c"
#include "../../mm/phys.c"
#include "../../mm/heap.c"
#include "../../mm/supply.c"
#include "../../mm/page_states.c"
#include "Inputs/mm-fake.h"

#include <string.h>
#include <sys/mman.h>

#define LOW   0x100000
#define TOP   U64_C(0x4000000)
#define PAGES (TOP / PAGE_SIZE)

#define IMAGE_START 0x200000
#define IMAGE_END   0x2c3000

const char __image_start[1], __image_end[1];
static unsigned char accept_count[PAGES], map_count[PAGES], use_count[PAGES];
static u64 seed = 1;

struct platform platform = { .address_width = 40 };

bool cc_has(enum cc_attr attr) { return attr == CC_PAGE_STATES; }

void tables_map_ram(u64 from, u64 to)
{
	assert(from >= supply.first.end || to <= supply.first.start);
	for (u64 i = from / PAGE_SIZE; i < to / PAGE_SIZE; i++)
		assert(!accept_count[i] && !map_count[i]++);
}

int pv_accept_memory(pa_t start, u64 size)
{
	for (u64 i = 0; i < size / PAGE_SIZE; i++)
		accept_count[start.value / PAGE_SIZE + i]++;
	return 0;
}

static char said[96]; /* where it cannot run */

noreturn_t exit_cannot_run(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vformat(said, sizeof(said), fmt, args);
	va_end(args);
	panic("%s", said);
}

noreturn_t fatal(unsigned int reason, const char *fmt, ...)
{
	(void)fmt;
	panic("terminated: %u", reason);
}

static u64 random_below(u64 limit)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % limit;
}

static void add(u64 start, u64 size, enum memory_type type, bool accepted)
{
	struct boot_error error;

	assert(!boot_range_add(&memory_map, 0,
			       (struct memory_range){ start, size, type, accepted, "test" },
			       &error));
}

/* Ranges of random types and sizes, mostly RAM, accepted or not; one has the image. */
static void make_map(void)
{
	u64 end = 0x1f0000 + random_below(16) * PAGE_SIZE;
	struct boot_error error;
	bool with_image = true;

	memory_map_release(0, ~U64_C(0xfff));
	memory_map.count = 0;
	add(0, 0x9f000, MEMORY_RAM, false);
	for (; end < TOP && memory_map.count < MEMORY_RANGES_MAX - 2; with_image = false) {
		u64 size = random_below(3) ? random_below(0x300) : random_below(0x2000);
		bool ram = with_image || random_below(4);

		size = (size + 1) * PAGE_SIZE;
		if (with_image && end + size < IMAGE_END)
			size = IMAGE_END - end;
		if (end + size > TOP)
			size = TOP - end;
		add(end, size, ram ? MEMORY_RAM : MEMORY_RESERVED, !random_below(4));
		end += size + random_below(2) * PAGE_SIZE;
	}
	assert(!boot_ranges_finish(&memory_map, IMAGE_START, IMAGE_END, &error));
}

static const struct memory_range *range_of(u64 address)
{
	for (u32 i = 0; i < memory_map.count; i++)
		if (address - memory_map.ranges[i].start < memory_map.ranges[i].size)
			return &memory_map.ranges[i];
	return NULL;
}

static bool is_ram(u64 at)
{
	const struct memory_range *r = range_of(at);

	return at >= LOW && r && r->type == MEMORY_RAM;
}

static bool is_first(u64 page)
{
	return page * PAGE_SIZE - supply.first.start < supply.first.end - supply.first.start;
}

static void use(u64 at, u64 size)
{
	for (u64 page = at / PAGE_SIZE; page < (at + size) / PAGE_SIZE; page++) {
		assert(accept_count[page] == !range_of(page * PAGE_SIZE)->accepted);
		assert(map_count[page] == !is_first(page)); /* else by tables_build() */
		assert(!use_count[page]++);
	}
}

static u64 mapped_pages(void)
{
	u64 pages = 0;

	for (u64 page = 0; page < PAGES; page++)
		pages += map_count[page] || is_first(page);
	return pages;
}

/* A unit for a page, and nothing twice. */
static void use_one_by_one(void)
{
	u64 count = (supply.first.end - supply.first.start) / PAGE_SIZE;
	pa_t block;

	assert(mapped_pages() == count);
	for (u64 pages = (supply.tables.start - supply.first.start) / PAGE_SIZE; pages; pages--) {
		assert(!phys_alloc(PHYS_ORDER_4K, &block));
		use(block.value, PAGE_SIZE);
	}
	assert(mapped_pages() == count);
	if (!phys_alloc(PHYS_ORDER_4K, &block)) {
		use(block.value, PAGE_SIZE);
		assert(mapped_pages() <= count + 512);
	}
}

static void use_everything(void)
{
	pa_t block;

	use((u64)(uintptr_t)heap_grow((s64)heap_size_max()), heap_size_max());
	while (!phys_alloc(PHYS_ORDER_2M, &block))
		use(block.value, PAGE_2M_SIZE);
	while (!phys_alloc(PHYS_ORDER_4K, &block))
		use(block.value, PAGE_SIZE);
}

/* All of mm's RAM is somebody's, and nothing else is. */
static void expect_claimed(void)
{
	struct memory_claim c;

	for (u64 at = 0; at < TOP; at += PAGE_SIZE)
		assert(memory_map_claim_of(at, &c) == is_ram(at));
}

/* Returns false when the map has too little in one piece, which is refused. */
static bool try_map(bool accept_all)
{
	u64 metadata = 0;

	make_map();
	memset(accept_count, 0, sizeof(accept_count));
	memset(map_count, 0, sizeof(map_count));
	memset(use_count, 0, sizeof(use_count));
	counts = (struct accept_counts){ 0 };
	some_next = 0;
	supply = (struct supply){ 0 };
	panic_is_expected = true;
	if (setjmp(panic_expected)) {
		panic_is_expected = false;
		return false;
	}
	supply_init();
	supply_hand_out();
	panic_is_expected = false;
	if (accept_all) {
		supply_accept_all();
	} else {
		use_one_by_one();
	}
	use_everything();
	for (u64 page = 0; page < PAGES; page++) {
		assert(use_count[page] <= is_ram(page * PAGE_SIZE));
		metadata += is_ram(page * PAGE_SIZE) && !use_count[page];
	}
	assert(metadata * PAGE_SIZE ==
	       page_states_size(ram_limit()) + tables_ram_size(ram_limit()));
	expect_claimed();
	return true;
}

/* With what sentence mm refuses the ranges of RAM that begin at @starts, "": it does not. */
static const char *refusal(const u64 (*ranges)[2], size_t count)
{
	struct boot_error error;

	memory_map_release(0, ~U64_C(0xfff));
	memory_map.count = 0;
	for (size_t i = 0; i < count; i++)
		add(ranges[i][0], ranges[i][1], MEMORY_RAM, false);
	assert(!boot_ranges_finish(&memory_map, IMAGE_START, IMAGE_END, &error));
	said[0] = '\0';
	panic_is_expected = true;
	if (!setjmp(panic_expected)) {
		supply_init();
		supply_hand_out();
	}
	panic_is_expected = false;
	return said;
}

#define REFUSAL(...)                                                                               \
	refusal((const u64[][2]){ __VA_ARGS__ }, sizeof((u64[][2]){ __VA_ARGS__ }) / 16)

/* A host that gives too little, nothing that the early tables reach, or what no address reaches. */
static void test_refusals(void)
{
	assert(!strcmp(REFUSAL({ 0x200000, 0x200000 }),
		       "memory: no RAM below 3 GiB has 2 MiB in one piece, for page tables"));
	assert(!strcmp(REFUSAL({ 0x200000, 0x200000 }, { U64_C(0xc0000000), 0x40000000 }),
		       "memory: no RAM below 3 GiB has 2 MiB in one piece, for page tables"));
	assert(!strcmp(REFUSAL({ 0x200000, 0x400000 }), "memory: no RAM is left for a heap"));
	assert(!strcmp(REFUSAL({ 0x200000, 0x3e00000 }, { BIT(40), 0x200000 }),
		       "memory: RAM up to 0x10000200000, and addresses of 40 bits"));
	platform.address_width = 52;
	assert(!strcmp(REFUSAL({ 0x200000, 0x3e00000 }, { BIT(46), 0x200000 }),
		       "memory: RAM up to 0x400000200000, and addresses of 52 bits"));
	assert(!REFUSAL({ 0x200000, 0x3e00000 })[0]);
}

int main(void)
{
	unsigned int tried = 0;
	void *memory =
		mmap((void *)LOW, TOP - LOW, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0);

	assert(memory == (void *)LOW);
	test_refusals();
	for (unsigned int i = 0; i < 200; i++)
		tried += try_map(i % 2);
	assert(tried > 100);
	return 0;
}
