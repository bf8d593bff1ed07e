/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages to shared and back: `share [pages]`, twice, so that the second round meets the states that
 * the first one left. What a page holds after a conversion is nobody's: it is counted and said.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "early/platform.h"
#include "kernel/time.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/visibility.h"

#define PAGES_DEFAULT   1000
#define WORDS_OF_A_PAGE (PAGE_SIZE / sizeof(u64))

/* Different in every word and in every pass. */
static u64 pattern(u64 pass, u64 word)
{
	return (pass << 56 | word) * U64_C(0x9e3779b97f4a7c15) + 1;
}

static void fill_words(u64 *words, u64 pages, u64 pass)
{
	for (u64 i = 0; i < pages * WORDS_OF_A_PAGE; i++)
		words[i] = pattern(pass, i);
}

/* How many pages hold the whole pattern of @pass. */
static u64 count_intact(const u64 *words, u64 pages, u64 pass)
{
	u64 intact = 0;

	for (u64 page = 0; page < pages; page++) {
		u64 first = page * WORDS_OF_A_PAGE, i = 0;

		while (i < WORDS_OF_A_PAGE &&
		       READ_ONCE(words[first + i]) == pattern(pass, first + i))
			i++;
		intact += i == WORDS_OF_A_PAGE;
	}
	return intact;
}

static int check_usable(u64 *words, u64 pages, u64 pass, const char *state)
{
	u64 intact;

	fill_words(words, pages, pass);
	intact = count_intact(words, pages, pass);
	if (intact == pages)
		return 0;
	printf("share: %llu of %llu %s pages do not hold what was written\n",
	       (unsigned long long)(pages - intact), (unsigned long long)pages, state);
	return -E_IO;
}

static int convert_words(u64 *words, u64 pages, u64 pass, bool private)
{
	const char *to = private ? "private" : "shared";
	u64 start = rdtsc(), ticks, intact;
	int err;

	err = private ? set_memory_encrypted(va_of(words), pages)
		      : set_memory_decrypted(va_of(words), pages);
	ticks = rdtsc() - start;
	if (err) {
		printf("share: %llu pages to %s: error %d\n", (unsigned long long)pages, to, -err);
		return err;
	}
	intact = count_intact(words, pages, pass - 1);
	printf("share: %llu pages to %-7s %9llu ticks, %6.1f us, %llu kept their content\n",
	       (unsigned long long)pages, to, (unsigned long long)ticks,
	       (double)time_tsc_to_ns(ticks) / 1000.0, (unsigned long long)intact);
	/* Neither under two keys nor as two memories can it read the same. */
	if (intact && cc_has(CC_PRIVATE_MEMORY)) {
		printf("share: content survived a conversion: the memory is not private\n");
		return -E_IO;
	}
	return check_usable(words, pages, pass, to);
}

static int share_twice(u64 *words, u64 pages)
{
	int err = check_usable(words, pages, 1, "fresh");

	for (u64 pass = 2; !err && pass <= 5; pass++)
		err = convert_words(words, pages, pass, pass & 1);
	return err;
}

static int share(int argc, char **argv)
{
	u64 pages = argc > 1 ? strtoull(argv[1], NULL, 0) : PAGES_DEFAULT;
	u64 *words;
	int err;

	if (!pages || pages > SIZE_MAX / PAGE_SIZE) {
		printf("share: %llu is no number of pages\n", (unsigned long long)pages);
		return 1;
	}
	words = memalign(PAGE_2M_SIZE, pages * PAGE_SIZE);
	if (!words) {
		printf("share: no memory for %llu pages\n", (unsigned long long)pages);
		return 1;
	}
	err = share_twice(words, pages);
	free(words);
	if (!err)
		printf("share: %llu pages shared and back, twice: ok\n", (unsigned long long)pages);
	return err;
}

DEFINE_WORKLOAD("share", "[pages]: to shared and back, twice, with contents checked", share);
