/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor accepts our own image: it lies where the contract says, has a PVH entry, and its
 * launch note names one page each for secrets and CPUID.
 * RUN: %monitor-cc %s %root/lib/format.c -DIMAGE='"%build/postern.elf"' -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/elf_image.h"

#define IMAGE_LOW  0x200000
#define IMAGE_HIGH 0x800000
#define FILE_MAX   ((size_t)32 << 20)

static unsigned int count_sections(const struct elf_plan *plan, u32 type)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < plan->section_count; i++)
		count += plan->sections[i].type == type;
	return count;
}

int main(void)
{
	FILE *file = fopen(IMAGE, "rb");
	struct elf_plan plan;
	struct source file_source;
	struct memmap map;
	const char *why = NULL;
	void *bytes = malloc(FILE_MAX);
	size_t size;

	assert(file);
	size = fread(bytes, 1, FILE_MAX, file);
	fclose(file);
	memmap_init(&map);
	assert(!memmap_set(&map, 0x100000, 0x7f00000, HVM_MEMMAP_RAM));
	file_source = source_of_bytes(bytes, size);
	if (elf_plan(&file_source, &map, &plan, &why))
		fprintf(stderr, "refused: %s\n", why);
	assert(!why);
	assert(plan.low == IMAGE_LOW && plan.high <= IMAGE_HIGH);
	assert(plan.pvh_entry >= plan.low && plan.pvh_entry < plan.high);
	assert(count_sections(&plan, SEV_SECTION_SECRETS) == 1);
	assert(count_sections(&plan, SEV_SECTION_CPUID) == 1);
	free(bytes);
	return 0;
}
