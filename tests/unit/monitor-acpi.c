/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mailbox that the monitor adds to firmware's MADT is found by the guest's parser through both
 * roots; the processors that it hides are not; what does not fit changes nothing.
 * RUN: %unit-cc %s -o %t
 */
#define _GNU_SOURCE
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "../../early/boot_acpi.c"
#include "../../monitor/machine/acpi.c"

/* The monitor uses addresses as they are, and those of the RSDT have 32 bits. */
#define MEMORY_START U64_C(0x10000000)
#define MEMORY_SIZE  0x3000
static u8 (*mapping)[MEMORY_SIZE];
#define memory (*mapping)

#include "Inputs/acpi.h"

#define MAILBOX 0x80000

static u8 copy[0x200];

int boot_refuse(struct boot_error *error, const char *fmt, ...)
{
	strcpy(error->text, fmt);
	return -E_INVAL;
}

static int read_it(u64 address, void *to, size_t size)
{
	memcpy(to, (const void *)address, size);
	return 0;
}

static struct boot_cpus cpus_of(struct acpi *acpi)
{
	struct boot_error error = { "" };
	struct boot_cpus cpus;

	assert(!boot_acpi_parse(acpi->rsdp, read_it, &cpus, &error));
	return cpus;
}

static void good(struct acpi *acpi)
{
	put_tables();
	add_apic(0, MADT_ENABLED);
	add_apic(1, MADT_ENABLED);
	acpi_read(acpi, AT_RSDP);
	assert(acpi->madt == AT_MADT && acpi->tables == AT_RSDT && acpi->rsdp == AT_RSDP);
	assert(cpus_of(acpi).count == 2 && !cpus_of(acpi).mailbox);
}

static void use_rsdt(void)
{
	struct acpi_rsdp *rsdp = memory_at(AT_RSDP);

	rsdp->xsdt = 0;
	sign_rsdp();
}

static void use_xsdt(void)
{
	struct acpi_rsdp *rsdp = memory_at(AT_RSDP);

	rsdp->rsdt = 0;
	sign_rsdp();
}

static void test_wakeup(void (*leave_one)(void))
{
	/* Below 4G, as the guest's memory is. */
	u8 *page = memory_at(MEMORY_START + 0x2000);
	struct acpi acpi;
	struct boot_cpus cpus;

	good(&acpi);
	if (leave_one) {
		leave_one();
		acpi_read(&acpi, AT_RSDP);
	}
	memcpy(copy, memory_at(AT_MADT), sizeof(copy));
	assert(!acpi_add_wakeup(&acpi, page, PAGE_SIZE, MAILBOX));
	cpus = cpus_of(&acpi);
	assert(cpus.count == 2 && cpus.mailbox == MAILBOX && acpi.madt == (u64)page);
	assert(!memcmp(copy, memory_at(AT_MADT), sizeof(copy)));
	acpi_read(&acpi, AT_RSDP);
	assert(acpi.madt == (u64)page);
	if (leave_one)
		return;
	use_rsdt();
	assert(cpus_of(&acpi).mailbox == MAILBOX);
}

static void test_small(void)
{
	u8 *page = memory_at(MEMORY_START + 0x2000);
	struct acpi acpi;

	good(&acpi);
	assert(acpi_add_wakeup(&acpi, page, 44 + 2 * 8 + 16 - 1, MAILBOX) == -E_NOSPC);
	assert(!cpus_of(&acpi).mailbox && cpus_of(&acpi).count == 2 && !page[0]);
	assert(!acpi_add_wakeup(&acpi, page, 44 + 2 * 8 + 16, MAILBOX));
	assert(cpus_of(&acpi).mailbox == MAILBOX);
}

static void test_none(void)
{
	struct acpi acpi;

	acpi_read(&acpi, 0);
	assert(!acpi.rsdp && !acpi.madt && !acpi.tables);
	assert(!acpi_add_wakeup(&acpi, NULL, PAGE_SIZE, MAILBOX));
	put_tables();
	put_header(AT_MADT, "CIPA", sizeof(struct acpi_madt));
	acpi_read(&acpi, AT_RSDP);
	assert(acpi.rsdp && !acpi.madt);
	assert(!acpi_add_wakeup(&acpi, NULL, PAGE_SIZE, MAILBOX));
	acpi_hide_processors(&acpi, 0);
	memset(memory_at(AT_RSDP), 0, 8);
	acpi_read(&acpi, AT_RSDP);
	assert(!acpi.rsdp && !acpi.madt);
}

static void test_hide(void)
{
	struct acpi acpi;
	struct boot_cpus cpus;

	good(&acpi);
	acpi_hide_processors(&acpi, 1);
	cpus = cpus_of(&acpi);
	assert(cpus.count == 1 && cpus.apic_ids[0] == 1);
}

/* In both lists, and where there is one only. */
static void test_replace(void (*leave_one)(void))
{
	struct acpi acpi;

	good(&acpi);
	if (leave_one)
		leave_one();
	memcpy(memory_at(MEMORY_START + 0x2000), memory_at(AT_MADT), 0x100);
	assert(acpi_replace(&acpi, "WAET", MEMORY_START + 0x2000) == -E_NOENT);
	assert(!acpi_replace(&acpi, ACPI_MADT_SIGNATURE, MEMORY_START + 0x2000));
	acpi_read(&acpi, AT_RSDP);
	assert(acpi.madt == MEMORY_START + 0x2000 && cpus_of(&acpi).count == 2);
	if (!leave_one) {
		use_rsdt();
		assert(cpus_of(&acpi).count == 2);
	}
	acpi_read(&acpi, 0);
	assert(acpi_replace(&acpi, ACPI_MADT_SIGNATURE, 0) == -E_NOENT);
}

int main(void)
{
	mapping = mmap((void *)MEMORY_START, MEMORY_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	assert(mapping == (void *)MEMORY_START);
	test_wakeup(NULL);
	test_wakeup(use_rsdt);
	test_wakeup(use_xsdt);
	test_small();
	test_none();
	test_hide();
	test_replace(NULL);
	test_replace(use_rsdt);
	test_replace(use_xsdt);
	return 0;
}
