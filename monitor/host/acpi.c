/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See acpi.h. The firmware is trusted: signatures are compared, checksums are not. The RSDT serves,
 * as every firmware below 4 GiB has one.
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
};
ABI_OFFSET(struct rsdp, rsdt, 16);

struct sdt {
	char signature[4];
	u32 length;
	u8 reserved_0x8[36 - 8];
	u32 entries[];
};
ABI_OFFSET(struct sdt, entries, 36);

#define FADT_PM1A_CNT 64

void acpi_read(struct acpi *acpi, u64 address)
{
	const struct rsdp *rsdp = (const void *)(uintptr_t)address;
	const struct sdt *rsdt;

	*acpi = (struct acpi){ 0 };
	if (!address || memcmp(rsdp->signature, "RSD PTR ", 8) || !rsdp->rsdt)
		return;
	acpi->tables = rsdp->rsdt;
	rsdt = (const void *)(uintptr_t)rsdp->rsdt;
	for (u32 i = 0; i < (rsdt->length - sizeof(*rsdt)) / sizeof(u32); i++) {
		const struct sdt *table = (const void *)(uintptr_t)rsdt->entries[i];

		if (!memcmp(table->signature, "FACP", 4))
			acpi->pm1a_cnt = *(const u16 *)((const u8 *)table + FADT_PM1A_CNT);
	}
}
