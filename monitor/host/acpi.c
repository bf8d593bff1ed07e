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

#define SDT_CHECKSUM    9
#define MADT_ENTRIES    44 /* ACPI 5.2.12 */
#define MADT_LOCAL_APIC 0
#define FADT_PM1A_CNT   64
#define FADT_PM_TMR     76

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

		if (!memcmp(table->signature, "FACP", 4)) {
			acpi->pm1a_cnt = *(const u16 *)((const u8 *)table + FADT_PM1A_CNT);
			acpi->pm_timer = *(const u16 *)((const u8 *)table + FADT_PM_TMR);
		}
		if (!memcmp(table->signature, "APIC", 4))
			acpi->madt = (u64)table;
	}
}

/* ACPI 5.2.12.2: type, length, processor, APIC id, flags (enabled, online capable) */
struct madt_local_apic {
	u8 type;
	u8 length;
	u8 processor;
	u8 apic_id;
	u32 flags;
};
ABI_SIZE(struct madt_local_apic, 8);

static void set_checksum(u8 *table, u32 length)
{
	u8 sum = 0;

	table[SDT_CHECKSUM] = 0;
	for (u32 i = 0; i < length; i++)
		sum += table[i];
	table[SDT_CHECKSUM] = (u8)-sum;
}

void acpi_hide_processors(const struct acpi *acpi, u32 apic_id)
{
	u8 *madt = (u8 *)acpi->madt;
	u32 length = madt ? ((const struct sdt *)madt)->length : 0;

	for (u32 at = MADT_ENTRIES; at + 2 <= length && madt[at + 1]; at += madt[at + 1]) {
		struct madt_local_apic *entry = (void *)(madt + at);

		if (entry->type == MADT_LOCAL_APIC && entry->apic_id != apic_id)
			entry->flags = 0;
	}
	if (madt)
		set_checksum(madt, length);
}
