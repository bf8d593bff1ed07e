/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests of loaders' data: a loader's memory, and expecting a refusal. The test includes the
 * parser.
 */
#pragma once

#include "early/boot_ranges.c"
#include "lib/format.c"

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The loader's memory: [MEMORY_START, +sizeof(memory)). */
#define MEMORY_START U64_C(0x9000)
static u8 memory[0x3000];

static __unused int read_memory(u64 address, void *to, size_t size)
{
	if (address < MEMORY_START || size > sizeof(memory) ||
	    address - MEMORY_START > sizeof(memory) - size)
		return -E_FAULT;
	memcpy(to, memory + (address - MEMORY_START), size);
	return 0;
}

static struct boot_info info;
static struct memory_map given;
static struct boot_error error;
static int failures;

static __unused void reset_info(void)
{
	memset(&info, 0, sizeof(info));
	memset(&given, 0, sizeof(given));
	memset(&error, 0, sizeof(error));
}

/* @err is what a parser returned for a case; @sentence NULL means that it must have accepted. */
static __unused void expect(int err, const char *sentence)
{
	if (!sentence && !err)
		return;
	if (sentence && err == -E_INVAL && !strcmp(error.text, sentence))
		return;
	printf("%d \"%s\", not \"%s\"\n", err, error.text, sentence ? sentence : "");
	failures++;
}
