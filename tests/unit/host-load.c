/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image lies where its headers say, with the start info and ACPI's tables beside it; an image
 * or a command line that cannot be placed is refused, and nothing is written outside of memory.
 * RUN: %host-cc %s -o %t
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "abi/pvh.h"
#include "host/layout.h"
#include "host/load.h"

#include "Inputs/small-elf.h"

#define MIB U64_C(0x100000)

/* What was told to be of small pages. */
static void *by_the_page_at;
static u64 by_the_page_size;

static void record(struct sys *sys __unused, void *address, u64 size)
{
	by_the_page_at = address;
	by_the_page_size = size;
}

static struct sys sys = { .by_the_page = record };
static char cmdline[LAYOUT_START_INFO_SIZE];
static struct memory memory;
static struct elf_plan plan;
static struct why why;

static int load(u64 bytes, unsigned int processors)
{
	const struct load load = { .image = &small_elf,
				   .image_size = sizeof(small_elf),
				   .cmdline = cmdline,
				   .memory = bytes,
				   .processors = processors };

	why.text[0] = '\0';
	return load_guest(&memory, &load, &plan, &why);
}

static void start(u64 bytes)
{
	free(memory.slots[0].shared);
	memory = (struct memory){ .sys = &sys,
				  .slot_count = 1,
				  .slots = { { .size = bytes, .guest_memfd = -1 } } };
	memory.slots[0].shared = calloc(1, bytes);
	small_elf.ph[0].paddr = SMALL_ELF_BASE;
	small_elf.pvh.type = PVH_NOTE_TYPE;
	strcpy(cmdline, "words -- demo");
}

static void test_placed(void)
{
	const struct hvm_start_info *info;

	start(64 * MIB);
	memset(small_elf.text, 0x5a, sizeof(small_elf.text));
	assert(!load(64 * MIB, 2));
	assert(plan.pvh_entry == SMALL_ELF_BASE && plan.low == SMALL_ELF_BASE);
	assert(!memcmp(memory_shared(&memory, SMALL_ELF_BASE, 64), small_elf.text, 64));
	info = memory_shared(&memory, LAYOUT_START_INFO, sizeof(*info));
	assert(info->magic == HVM_START_MAGIC && info->rsdp_paddr == LAYOUT_ACPI);
	assert(!strcmp(memory_shared(&memory, info->cmdline_paddr, 20), cmdline));
}

/* The small image, and one whose memory a large page is worth. */
static void test_small_pages(void)
{
	u64 size = small_elf.ph[0].memsz;

	start(64 * MIB);
	by_the_page_size = 0;
	assert(!load(64 * MIB, 1) && by_the_page_size == 2 * MIB);
	assert(by_the_page_at == memory_shared(&memory, SMALL_ELF_BASE / (2 * MIB) * (2 * MIB), 1));
	by_the_page_size = 0;
	small_elf.ph[0].memsz = MIB;
	assert(!load(64 * MIB, 1) && by_the_page_size == 0);
	small_elf.ph[0].memsz = size;
}

static void expect(const char *words, u64 bytes, unsigned int processors)
{
	assert(load(bytes, processors) && strstr(why.text, words));
}

static void test_refused(void)
{
	start(64 * MIB);
	small_elf.pvh.type = 0;
	expect("cannot be booted: it has no PVH entry note", 64 * MIB, 1);
	start(64 * MIB);
	small_elf.ph[0].paddr = 0x8000;
	expect("cannot be booted", 64 * MIB, 1); /* its entry does not lie in it */
	small_elf.entry = 0x8000;
	small_elf.sections[0].gpa = 0x9000;
	small_elf.sections[1].gpa = 0xa000;
	expect("below 1 MiB", 64 * MIB, 1);
	small_elf.entry = SMALL_ELF_BASE;
	small_elf.sections[0].gpa = SMALL_ELF_SECRETS;
	small_elf.sections[1].gpa = SMALL_ELF_CPUID;
	start(64 * MIB);
	memory.slots[0].size = SMALL_ELF_BASE + PAGE_SIZE;
	expect("does not lie in one piece of memory", 64 * MIB, 1);
	start(64 * MIB);
	memset(cmdline, 'a', sizeof(cmdline) - 1);
	expect("the start info does not fit", 64 * MIB, 1);
	start(64 * MIB);
	expect("the ACPI tables do not fit", 64 * MIB, 256);
}

int main(void)
{
	test_placed();
	test_small_pages();
	test_refused();
	free(memory.slots[0].shared);
	return 0;
}
