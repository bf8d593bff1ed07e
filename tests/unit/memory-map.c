/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory map answers what was given, and a claim lies where its place allows and meets no
 * other; an address of the host's that wraps, or lies in RAM, in our image or in somebody's claim,
 * is refused. Free RAM is what nobody claims, page for page.
 * RUN: %unit-cc %s -o %t
 */
#define __image_start image_start
#define __image_end   image_end
/* Symbols at addresses of the test's. */
#include "lib/addr.h"
static u64 image_first = 0x200000, image_last = 0x2c3000;
#define va_of(symbol) va((symbol) == image_start ? image_first : image_last)

#include "../../early/memory_map.c"

#include "../../lib/spinlock.c"

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char image_start[1], image_end[1];

noreturn_t panic(const char *fmt, ...)
{
	puts(fmt);
	abort();
}

static const struct memory_map good = {
	.count = 7,
	.ranges = { { 0, 0xa0000, MEMORY_RAM, false, "test" },
		    { 0xf0000, 0x10000, MEMORY_RESERVED, false, "test" },
		    { 0x100000, 0x100000, MEMORY_RAM, false, "test" },
		    { 0x200000, 0xc3000, MEMORY_IMAGE, true, "test" },
		    { 0x2c3000, 0x13d000, MEMORY_RAM, true, "test" },
		    { 0x400000, 0x400000, MEMORY_RAM, false, "test" },
		    { 0x800000, 0x10000, MEMORY_NVS, false, "test" } },
};

static void start(void)
{
	memory_map = good;
	memory_map_release(0, ~U64_C(0xfff));
	assert(!claim_count);
}

static void test_questions(void)
{
	start();
	assert(memory_map_is(0x2c3000, 0x53d000, MEMORY_RAM)); /* two ranges that touch */
	assert(!memory_map_is(0x2c3000, 0x53d001, MEMORY_RAM));
	assert(!memory_map_is(0x1ff000, 0x2000, MEMORY_RAM) && memory_map_is(0, 1, MEMORY_RAM));
	assert(!memory_map_is(0x9f000, 0x2000, MEMORY_RAM));
	assert(!memory_map_is(0xb0000, 0x1000, MEMORY_RAM));
	assert(memory_map_touches(0x9f000, 0x2000, MEMORY_RAM));
	assert(!memory_map_touches(0xa0000, 0x50000, MEMORY_RESERVED));
	assert(memory_map_touches(0xa0000, 0x50001, MEMORY_RESERVED));
	assert(memory_map_ram_size() == 0xa0000 + 0x700000);
}

static int claim(u64 at, enum memory_place place)
{
	int error = memory_map_claim(at, PAGE_SIZE, place, "test");

	if (!error)
		memory_map_release(at, PAGE_SIZE);
	return error;
}

static void test_places(void)
{
	static const struct {
		u64 at;
		int ram, image, firmware, device;
	} cases[] = {
		{ 0x9f000, 0, 1, 1, 1 },    { 0x200000, 1, 0, 1, 1 }, { 0x1ff001, 1, 1, 1, 1 },
		{ 0x2c2000, 1, 0, 1, 1 },   { 0xf0000, 1, 1, 0, 0 },  { 0x800000, 1, 1, 0, 1 },
		{ 0xfee00000, 1, 1, 1, 0 }, { 0xa0000, 1, 1, 1, 0 },  { ~U64_C(0xfff), 1, 1, 1, 1 },
		{ ~U64_C(0), 1, 1, 1, 1 },  { 0xef800, 1, 1, 1, 0 },  { 0x80f800, 1, 1, 1, 1 },
	};

	start();
	for (size_t i = 0; i < array_count(cases); i++) {
		assert(claim(cases[i].at, MEMORY_IN_RAM) == -E_INVAL * cases[i].ram);
		assert(claim(cases[i].at, MEMORY_IN_IMAGE) == -E_INVAL * cases[i].image);
		assert(claim(cases[i].at, MEMORY_OF_FIRMWARE) == -E_INVAL * cases[i].firmware);
		assert(claim(cases[i].at, MEMORY_OF_DEVICE) == -E_INVAL * cases[i].device);
	}
	/* The image is where it is, whatever a loader gave, or before any did. */
	memory_map.count = 0;
	assert(claim(0x200000, MEMORY_OF_FIRMWARE) == -E_INVAL);
	assert(!claim(0x200000, MEMORY_IN_IMAGE));
}

static void test_claims(void)
{
	struct memory_claim c;

	start();
	assert(!memory_map_claim(0x9e000, PAGE_SIZE, MEMORY_IN_RAM, "start"));
	assert(memory_map_claim(0x9d001, PAGE_SIZE, MEMORY_IN_RAM, "x") == -E_BUSY);
	assert(memory_map_claim(0x9efff, 1, MEMORY_IN_RAM, "x") == -E_BUSY);
	assert(!memory_map_claim(0x9f000, PAGE_SIZE, MEMORY_IN_RAM, "behind"));
	assert(!memory_map_claim(0x90000, 0xe000, MEMORY_IN_RAM, "before"));
	assert(memory_map_claim(0x1000, 0x9e000, MEMORY_IN_RAM, "x") == -E_BUSY);
	assert(!strcmp(memory_map_what(0x9e000, 1), "start"));
	assert(!strcmp(memory_map_what(0x1000, 1), "RAM"));
	assert(!strcmp(memory_map_what(0x210000, 1), "our image"));
	assert(!strcmp(memory_map_what(0x801000, 1), "ACPI's NVS"));
	assert(!strcmp(memory_map_what(0xfee00000, 1), "nothing"));
	assert(memory_map_next_claim(0, &c) && c.start == 0x90000 && c.end == 0x9e000);
	assert(memory_map_next_claim(c.end, &c) && c.start == 0x9e000);
	assert(memory_map_next_claim(c.end, &c) && !memory_map_next_claim(c.end, &c));
	assert(!memory_map_claim_of(0x8ffff, &c) && memory_map_claim_of(0x9dfff, &c));
	/* The middle of one is given back. */
	memory_map_release(0x94000, 0x2000);
	assert(memory_map_claim_of(0x93fff, &c) && c.end == 0x94000);
	assert(!memory_map_claim_of(0x95fff, &c) && memory_map_claim_of(0x96000, &c));
	assert(!strcmp(c.user, "before") && c.end == 0x9e000);
}

static bool is_shared(u64 at)
{
	struct memory_claim c;

	return memory_map_claim_of(at, &c) && c.shared;
}

static void test_shared(void)
{
	start();
	assert(!memory_map_claim(0x210000, 4 * PAGE_SIZE, MEMORY_IN_IMAGE, "GHCB"));
	assert(!memory_map_claim(0x214000, PAGE_SIZE, MEMORY_IN_IMAGE, "clock"));
	assert(memory_map_set_shared(0x20f000, 2 * PAGE_SIZE, true) == -E_INVAL); /* nobody's */
	assert(memory_map_set_shared(0x210000, PAGE_SIZE, false) == -E_INVAL);
	assert(!memory_map_set_shared(0x211000, 2 * PAGE_SIZE, true));
	assert(!is_shared(0x210000) && is_shared(0x211000) && is_shared(0x212fff));
	assert(!is_shared(0x213000));
	assert(memory_map_set_shared(0x212000, 2 * PAGE_SIZE, true) == -E_INVAL); /* one is */
	assert(!is_shared(0x213000));
	assert(!memory_map_set_shared(0x213000, 2 * PAGE_SIZE, true)); /* two claims */
	assert(!memory_map_set_shared(0x211000, 4 * PAGE_SIZE, false) && !is_shared(0x214000));
	/* RAM has page states for that. */
	assert(!memory_map_claim(0x100000, PAGE_SIZE, MEMORY_IN_RAM, "heap"));
	assert(memory_map_set_shared(0x100000, PAGE_SIZE, true) == -E_INVAL);
}

static u64 seed = 1;

static u64 random_below(u64 limit)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % limit;
}

/* All free pieces, against page for page; each is as long as it can be. */
static void test_free(void)
{
	struct memory_piece piece;
	u64 end = 0;

	start();
	for (int i = 0; i < 60; i++) {
		u64 at = random_below(0x810) * PAGE_SIZE, size = random_below(20) * PAGE_SIZE;
		int error = memory_map_claim(at, size + 1, MEMORY_IN_RAM, "test");

		assert(!error || error == -E_INVAL || error == -E_BUSY);
	}
	for (u64 from = 0; memory_map_next_free(from, &piece); from = piece.end) {
		struct memory_claim c;

		assert(piece.start >= from && piece.start < piece.end);
		for (u64 p = end; p < piece.start; p += PAGE_SIZE)
			assert(!memory_map_is(p, 1, MEMORY_RAM) || memory_map_claim_of(p, &c));
		for (u64 p = piece.start; p < piece.end; p += PAGE_SIZE)
			assert(memory_map_is(p, 1, MEMORY_RAM) && !memory_map_claim_of(p, &c));
		assert(!memory_map_is(piece.end, 1, MEMORY_RAM) ||
		       memory_map_claim_of(piece.end, &c));
		end = piece.end;
	}
	assert(end > 0x700000);
	assert(memory_map_next_free(end - 1, &piece) && piece.start == end - 1);
	assert(!memory_map_next_free(0x800000, &piece));
}

/* A device that is mapped page by page is one claim; too many of others are an error, no panic. */
static void test_devices(void)
{
	static const char device[] = "device";
	const u64 base = U64_C(1) << 40;
	struct memory_claim claim;
	int error = 0;
	u64 i;

	start();
	for (i = 1; i < 1000; i++)
		assert(!memory_map_claim(base + i * PAGE_SIZE, 1, MEMORY_OF_DEVICE, device));
	assert(!memory_map_claim(base, 1, MEMORY_OF_DEVICE, device));
	assert(memory_map_claim_of(base, &claim) && claim.start == base &&
	       claim.end == base + 1000 * PAGE_SIZE);
	assert(memory_map_claim(base, 1, MEMORY_OF_DEVICE, device) == -E_BUSY);
	for (i = 1; !error && i <= MEMORY_CLAIMS_MAX; i++)
		error = memory_map_claim(2 * base + 2 * i * PAGE_SIZE, 1, MEMORY_OF_DEVICE, device);
	assert(error == -E_NOSPC && i > MEMORY_CLAIMS_MAX / 2);
}

int main(void)
{
	test_devices();
	test_questions();
	test_places();
	test_claims();
	test_shared();
	for (int i = 0; i < 200; i++)
		test_free();
	return 0;
}
