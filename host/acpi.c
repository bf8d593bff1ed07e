/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See acpi.h.
 */
#include "host/acpi.h"

#include <string.h>

#include "abi/acpi.h"
#include "abi/x86.h"

#define XSDT_REVISION 1
#define DSDT_REVISION 2
#define FADT_REVISION 6
#define MADT_REVISION 5
#define PROCESSORS    255 /* with APIC ids of 8 bits; 255 means all */

struct block {
	u8 *bytes;
	u64 size;
	u64 used;
	u64 gpa;
};

static u8 checksum(const void *table, u64 size)
{
	const u8 *bytes = table;
	u8 sum = 0;

	while (size--)
		sum = (u8)(sum + *bytes++);
	return (u8)-sum;
}

/* Appends @size bytes, 16-byte aligned; 0 when there is no room: where the RSDP is. */
static u64 put(struct block *b, const void *data, u64 size)
{
	u64 at = align_up(b->used, 16ULL);

	if (at > b->size || size > b->size - at)
		return 0;
	memcpy(b->bytes + at, data, size);
	b->used = at + size;
	return b->gpa + at;
}

/* The same of a table, whose header is made here. */
static u64 put_table(struct block *b, void *table, u64 size, const char *signature, u8 revision)
{
	struct acpi_header *header = table;

	memcpy(header->signature, signature, sizeof(header->signature));
	memcpy(header->oem_id, "POSTRN", sizeof(header->oem_id));
	memcpy(header->oem_table_id, "POSTERN ", sizeof(header->oem_table_id));
	header->length = (u32)size;
	header->revision = revision;
	header->checksum = 0;
	header->checksum = checksum(table, size);
	return put(b, table, size);
}

static u64 put_madt(struct block *b, unsigned int processors)
{
	struct {
		struct acpi_madt madt;
		struct madt_local_apic apics[PROCESSORS];
	} table = { .madt.local_apic = APIC_BASE_DEFAULT };

	for (unsigned int id = 0; id < processors; id++)
		table.apics[id] =
			(struct madt_local_apic){ MADT_LOCAL_APIC, sizeof(struct madt_local_apic),
						  (u8)id, (u8)id, MADT_ENABLED };
	return put_table(b, &table, sizeof(table.madt) + processors * sizeof(table.apics[0]),
			 ACPI_MADT_SIGNATURE, MADT_REVISION);
}

static u64 put_fadt(struct block *b)
{
	struct acpi_header dsdt = { 0 };
	struct acpi_fadt fadt = { .flags = FADT_HW_REDUCED_ACPI };

	fadt.x_dsdt = put_table(b, &dsdt, sizeof(dsdt), ACPI_DSDT_SIGNATURE, DSDT_REVISION);
	if (!fadt.x_dsdt)
		return 0;
	return put_table(b, &fadt, sizeof(fadt), ACPI_FADT_SIGNATURE, FADT_REVISION);
}

static void put_rsdp(struct block *b, u64 xsdt)
{
	struct acpi_rsdp rsdp = { .revision = 2, .length = sizeof(rsdp), .xsdt = xsdt };

	memcpy(rsdp.signature, ACPI_RSDP_SIGNATURE, sizeof(rsdp.signature));
	memcpy(rsdp.oem_id, "POSTRN", sizeof(rsdp.oem_id));
	rsdp.checksum = checksum(&rsdp, ACPI_RSDP_V1_SIZE);
	rsdp.extended_checksum = checksum(&rsdp, sizeof(rsdp));
	memcpy(b->bytes, &rsdp, sizeof(rsdp));
}

int acpi_build(unsigned int processors, void *buffer, u64 size, u64 gpa)
{
	struct block b = {
		.bytes = buffer, .size = size, .used = sizeof(struct acpi_rsdp), .gpa = gpa
	};
	struct __attribute__((packed)) {
		struct acpi_header header;
		u64 tables[2];
	} xsdt = { 0 };
	u64 at;

	if (size < sizeof(struct acpi_rsdp) || processors > PROCESSORS)
		return -E_NOSPC;
	xsdt.tables[0] = put_fadt(&b);
	xsdt.tables[1] = put_madt(&b, processors);
	at = put_table(&b, &xsdt, sizeof(xsdt), ACPI_XSDT_SIGNATURE, XSDT_REVISION);
	if (!xsdt.tables[0] || !xsdt.tables[1] || !at)
		return -E_NOSPC;
	put_rsdp(&b, at);
	return 0;
}
