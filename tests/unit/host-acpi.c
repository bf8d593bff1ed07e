/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's own parser finds every processor in the tables that postern-vmm makes, and a buffer
 * too small is refused, not overrun.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../early/boot_acpi.c"
#include "../../host/acpi.c"

#define GPA U64_C(0xe0000)

static u8 tables[0x2000];

int boot_refuse(struct boot_error *error, const char *fmt, ...)
{
	strcpy(error->text, fmt);
	return -E_INVAL;
}

static int read_tables(u64 address, void *to, size_t size)
{
	if (address < GPA || address - GPA > sizeof(tables) ||
	    size > sizeof(tables) - (address - GPA))
		return -E_FAULT;
	memcpy(to, tables + (address - GPA), size);
	return 0;
}

static void test_processors(unsigned int count)
{
	struct boot_cpus cpus = { 0 };
	struct boot_error error = { "" };

	memset(tables, 0xa5, sizeof(tables));
	assert(!acpi_build(count, tables, sizeof(tables), GPA));
	assert(!boot_acpi_parse(GPA, read_tables, &cpus, &error));
	assert(cpus.count + cpus.left_out == count && !cpus.mailbox);
	for (u32 i = 0; i < cpus.count; i++)
		assert(cpus.apic_ids[i] == i);
}

static void test_small(void)
{
	u64 size = 0;

	for (;; size++) {
		void *exact = malloc(size);
		int error = acpi_build(64, exact, size, GPA);

		free(exact);
		if (!error)
			break;
		assert(error == -E_NOSPC);
	}
	assert(size > 64 * sizeof(struct madt_local_apic));
	assert(acpi_build(256, tables, sizeof(tables), GPA) == -E_NOSPC);
}

int main(void)
{
	test_processors(1);
	test_processors(4);
	test_processors(64);
	test_small();
	return 0;
}
