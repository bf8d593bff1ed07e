/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `test MIB`: touches so much memory as private and as shared, and some of it as private again;
 * then shares a page of every 2 MiB, whose neighbours stay private.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/workload.h"
#include "mm/visibility.h"

#define SAMPLE 16 /* of so many pages one is looked at; all take long */

static void touch(u8 *memory, u64 pages)
{
	for (u64 i = 0; i < pages; i++)
		memory[i * PAGE_SIZE] = (u8)(i | 1);
}

/* In the first half; a conversion of the other one says what it took. */
static int scatter(u8 *memory, u64 pages)
{
	for (u64 i = 0; i < pages / 2; i += PAGE_2M_SIZE / PAGE_SIZE) {
		if (set_memory_decrypted(va_of(memory + i * PAGE_SIZE), 1))
			return 1;
		memory[i * PAGE_SIZE] = 1;
	}
	return set_memory_decrypted(va_of(memory + pages / 2 * PAGE_SIZE), pages / 2);
}

static int test(int argc, char **argv)
{
	u64 pages = argc > 1 ? strtoull(argv[1], NULL, 10) << (20 - PAGE_SHIFT) : 0;
	u8 *memory = memalign(PAGE_2M_SIZE, pages * PAGE_SIZE);

	if (!memory)
		return 1;
	touch(memory, pages);
	if (set_memory_decrypted(va_of(memory), pages))
		return 1;
	touch(memory, pages);
	if (set_memory_encrypted(va_of(memory), pages))
		return 1;
	for (u64 i = 0; i < pages; i += SAMPLE)
		if (memory[i * PAGE_SIZE])
			return 1;
	if (scatter(memory, pages))
		return 1;
	printf("gave back: ok\n");
	return 0;
}

DEFINE_WORKLOAD("test", "MIB: what a host gets back", test);
