/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever memory map the loader gives: each page of RAM is accepted once, when it is handed out
 * once, to heap, metadata or phys_alloc(), or all before; and none is lost.
 * RUN: %unit-cc %s -iquote %S/Inputs/mm -o %t
 */
#include "lib/cpu.h"
#define read_gs32(offset) 0

#include "../../mm/accept.c"
#include "../../mm/phys.c"
#include "../../mm/heap.c"
#include "../../mm/supply.c"
#include "../../mm/usable.c"
#include "Inputs/mm-fake.h"

#include <string.h>
#include <sys/mman.h>

#define LOW   0x100000
#define TOP   U64_C(0x4000000)
#define PAGES (TOP / PAGE_SIZE)

struct boot_info boot_info;
static const struct image_part image = { 0x200000, 0x2c3000 };
static unsigned char accept_count[PAGES], use_count[PAGES];
static u64 seed = 1;

struct image_part image_image(void) { return image; }

bool cc_has(enum cc_attr attr) { return attr == CC_PAGE_STATES; }

void tables_map_ram(u64 from, u64 to)
{
	assert(from >= supply.first.end || to <= supply.first.start);
	for (u64 i = from / PAGE_SIZE; i < to / PAGE_SIZE; i++)
		assert(!accept_count[i]);
}

int pv_accept_memory(pa_t start, u64 size)
{
	for (u64 i = 0; i < size / PAGE_SIZE; i++)
		accept_count[start.value / PAGE_SIZE + i]++;
	return 0;
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

/* Ranges of random types and sizes, mostly RAM; one has the image. */
static void make_map(void)
{
	u64 end = 0x9f000;

	boot_info.range_count = 0;
	boot_info.ranges[boot_info.range_count++] = (struct boot_range){ 0, end, BOOT_RANGE_RAM };
	end = 0x1f0000 + random_below(16) * PAGE_SIZE;
	while (end < TOP && boot_info.range_count < BOOT_RANGES_MAX) {
		u64 size = random_below(3) ? random_below(0x300) : random_below(0x2000);
		struct boot_range range = { end, (size + 1) * PAGE_SIZE, BOOT_RANGE_RAM };

		if (boot_info.range_count > 1 && !random_below(4))
			range.type = BOOT_RANGE_RESERVED;
		if (range.start + range.size > TOP)
			range.size = TOP - range.start;
		boot_info.ranges[boot_info.range_count++] = range;
		end = range.start + range.size + random_below(2) * PAGE_SIZE;
	}
}

static bool is_ram(u64 at)
{
	if (at < LOW || (at >= image.start && at < image.end))
		return false;
	for (u32 i = 0; i < boot_info.range_count; i++) {
		const struct boot_range *range = &boot_info.ranges[i];

		if (at >= range->start && at - range->start < range->size)
			return range->type == BOOT_RANGE_RAM;
	}
	return false;
}

static void use(u64 at, u64 size)
{
	for (u64 page = at / PAGE_SIZE; page < (at + size) / PAGE_SIZE; page++) {
		assert(accept_count[page] == 1);
		assert(!use_count[page]++);
	}
}

static u64 accepted_pages(void)
{
	u64 pages = 0;

	for (u64 page = 0; page < PAGES; page++)
		pages += accept_count[page];
	return pages;
}

/* A unit for a page, and nothing twice. */
static void use_one_by_one(void)
{
	u64 first = (supply.first.end - supply.first.start) / PAGE_SIZE;
	pa_t block;

	assert(accepted_pages() == first);
	for (u64 pages = (supply.tables.start - supply.first.start) / PAGE_SIZE; pages; pages--) {
		assert(!phys_alloc(PHYS_ORDER_4K, &block));
		use(block.value, PAGE_SIZE);
	}
	assert(accepted_pages() == first);
	if (!phys_alloc(PHYS_ORDER_4K, &block)) {
		use(block.value, PAGE_SIZE);
		assert(accepted_pages() <= first + 512);
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

/* Returns false when the map has too little in one piece, which is refused. */
static bool try_map(bool accept_all)
{
	u64 metadata = 0;

	make_map();
	memset(accept_count, 0, sizeof(accept_count));
	memset(use_count, 0, sizeof(use_count));
	counts = (struct accept_counts){ 0 };
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
		assert(accept_counts().pages_4k == 0);
	} else {
		use_one_by_one();
	}
	use_everything();
	for (u64 page = 0; page < PAGES; page++) {
		assert(use_count[page] <= is_ram(page * PAGE_SIZE));
		metadata += is_ram(page * PAGE_SIZE) && !use_count[page];
	}
	assert(metadata * PAGE_SIZE == metadata_size() + tables_ram_size(&supply.ram));
	return true;
}

int main(void)
{
	unsigned int tried = 0;
	void *memory =
		mmap((void *)LOW, TOP - LOW, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0);

	assert(memory == (void *)LOW);
	for (unsigned int i = 0; i < 200; i++)
		tried += try_map(i % 2);
	assert(tried > 100);
	return 0;
}
