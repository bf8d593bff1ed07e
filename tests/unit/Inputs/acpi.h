/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firmware's tables for tests: an RSDP, a root of either kind, an FADT without anything in it and a
 * MADT with one entry of each kind that we know. The test has `memory` at address MEMORY_START.
 */
#pragma once

#include <string.h>

#include "abi/acpi.h"
#include "lib/compiler.h"

#define AT_RSDP (MEMORY_START + 0x10)
#define AT_RSDT (MEMORY_START + 0x100)
#define AT_XSDT (MEMORY_START + 0x200)
#define AT_FADT (MEMORY_START + 0x400)
#define AT_MADT (MEMORY_START + 0x1000)

static void *memory_at(u64 address) { return memory + (address - MEMORY_START); }

static void add_up(void *table, u32 length, u8 *checksum)
{
	const u8 *bytes = table;
	u8 sum = 0;

	*checksum = 0;
	for (u32 i = 0; i < length; i++)
		sum = (u8)(sum + bytes[i]);
	*checksum = (u8)-sum;
}

static struct acpi_header *put_header(u64 address, const char *signature, u32 length)
{
	struct acpi_header *header = memory_at(address);

	memcpy(header->signature, signature, 4);
	header->length = length;
	return header;
}

static void sign(u64 address)
{
	struct acpi_header *header = memory_at(address);

	add_up(header, header->length, &header->checksum);
}

static void sign_rsdp(void)
{
	struct acpi_rsdp *rsdp = memory_at(AT_RSDP);

	add_up(rsdp, ACPI_RSDP_V1_SIZE, &rsdp->checksum);
	add_up(rsdp, sizeof(*rsdp), &rsdp->extended_checksum);
}

/* Behind the last entry. */
static void add_entry(const void *entry, u32 size)
{
	struct acpi_header *madt = memory_at(AT_MADT);

	memcpy((u8 *)madt + madt->length, entry, size);
	madt->length += size;
	sign(AT_MADT);
}

static void add_apic(u8 apic_id, u32 flags)
{
	const struct madt_local_apic entry = { MADT_LOCAL_APIC, sizeof(entry), 0, apic_id, flags };

	add_entry(&entry, sizeof(entry));
}

static __unused void add_x2apic(u32 apic_id)
{
	const struct madt_local_x2apic entry = { .type = MADT_LOCAL_X2APIC,
						 .length = sizeof(entry),
						 .apic_id = apic_id,
						 .flags = MADT_ENABLED };

	add_entry(&entry, sizeof(entry));
}

/* A MADT with nothing in it, found by both roots. */
static void put_tables(void)
{
	const struct acpi_rsdp rsdp = {
		.revision = 2, .rsdt = AT_RSDT, .length = sizeof(rsdp), .xsdt = AT_XSDT
	};
	const u64 tables[2] = { AT_FADT, AT_MADT };

	memset(memory, 0, sizeof(memory));
	memcpy(memory_at(AT_RSDP), &rsdp, sizeof(rsdp));
	memcpy(memory_at(AT_RSDP), ACPI_RSDP_SIGNATURE, sizeof(rsdp.signature));
	sign_rsdp();
	for (unsigned int i = 0; i < 2; i++) {
		memcpy((u8 *)put_header(AT_RSDT, "RSDT", 44) + 36 + 4 * i, &tables[i], 4);
		memcpy((u8 *)put_header(AT_XSDT, "XSDT", 52) + 36 + 8 * i, &tables[i], 8);
	}
	sign(AT_RSDT);
	sign(AT_XSDT);
	put_header(AT_FADT, "FACP", 80);
	sign(AT_FADT);
	put_header(AT_MADT, ACPI_MADT_SIGNATURE, sizeof(struct acpi_madt));
	sign(AT_MADT);
}
