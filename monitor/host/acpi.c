/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See acpi.h. The firmware is trusted: signatures are compared, checksums are not.
 */
#include "monitor/host/acpi.h"

#include "lib/compiler.h"
#include "lib/string.h"

struct rsdp {
	char signature[8];
	u8 checksum;
	char oem[6];
	u8 revision;
	u32 rsdt;
	u32 length; /* from here on revision 2 */
	u64 xsdt;
} __packed;
ABI_OFFSET(struct rsdp, rsdt, 16);
ABI_OFFSET(struct rsdp, xsdt, 24);

struct sdt {
	char signature[4];
	u32 length;
	u8 reserved_0x8[36 - 8];
	u32 entries[];
};
ABI_OFFSET(struct sdt, entries, 36);

#define FADT_PM1A_CNT 64

/* The @i-th table of the RSDT, or of the XSDT where there is no RSDT. */
static const struct sdt *table_at(const struct sdt *root, bool extended, u32 i)
{
	const u8 *entry = (const u8 *)root->entries + (extended ? 8 : 4) * i;

	return (const void *)(extended ? *(const u64 *)entry : *(const u32 *)entry);
}

void acpi_read(struct acpi *acpi, u64 address)
{
	const struct rsdp *rsdp = (const void *)address;
	bool extended = address && !rsdp->rsdt && rsdp->revision >= 2;
	const struct sdt *root;

	*acpi = (struct acpi){ 0 };
	if (!address || memcmp(rsdp->signature, "RSD PTR ", 8))
		return;
	acpi->tables = extended ? rsdp->xsdt : rsdp->rsdt;
	root = (const void *)acpi->tables;
	for (u32 i = 0; root && i < (root->length - sizeof(*root)) / (extended ? 8 : 4); i++) {
		const struct sdt *table = table_at(root, extended, i);

		if (!memcmp(table->signature, "FACP", 4))
			acpi->pm1a_cnt = *(const u16 *)((const u8 *)table + FADT_PM1A_CNT);
	}
}
