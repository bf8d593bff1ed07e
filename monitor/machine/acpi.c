/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See acpi.h. The firmware is trusted: signatures are compared, checksums are not.
 */
#include "monitor/machine/acpi.h"

#include "abi/acpi.h"
#include "lib/compiler.h"
#include "lib/string.h"

#define FADT_ENABLE  52
#define FADT_DISABLE 53
#define FADT_PM_TMR  76

/* The RSDT or the XSDT: addresses of tables behind the header, of 4 or 8 bytes. */
struct root {
	struct acpi_header *table; /* NULL: none */
	u32 entry_size;
};

static struct root rsdt_of(const struct acpi_rsdp *rsdp)
{
	return (struct root){ (void *)(u64)rsdp->rsdt, sizeof(u32) };
}

static struct root xsdt_of(const struct acpi_rsdp *rsdp)
{
	return (struct root){ rsdp->revision >= 2 ? (void *)rsdp->xsdt : NULL, sizeof(u64) };
}

static u32 count_of(struct root root)
{
	return root.table ? (root.table->length - sizeof(*root.table)) / root.entry_size : 0;
}

static u8 *entry_of(struct root root, u32 i)
{
	return (u8 *)(root.table + 1) + i * root.entry_size;
}

static struct acpi_header *table_at(struct root root, u32 i)
{
	u64 address = 0;

	memcpy(&address, entry_of(root, i), root.entry_size);
	return (struct acpi_header *)address;
}

void acpi_read(struct acpi *acpi, u64 address)
{
	const struct acpi_rsdp *rsdp = (const void *)address;
	struct root root;

	*acpi = (struct acpi){ 0 };
	if (!address || memcmp(rsdp->signature, ACPI_RSDP_SIGNATURE, sizeof(rsdp->signature)))
		return;
	acpi->rsdp = address;
	root = rsdp->rsdt ? rsdt_of(rsdp) : xsdt_of(rsdp);
	acpi->tables = (u64)root.table;
	for (u32 i = 0; i < count_of(root); i++) {
		const struct acpi_header *table = table_at(root, i);

		if (!memcmp(table->signature, "FACP", 4)) {
			acpi->enable = ((const u8 *)table)[FADT_ENABLE];
			acpi->disable = ((const u8 *)table)[FADT_DISABLE];
			acpi->pm_timer = *(const u16 *)((const u8 *)table + FADT_PM_TMR);
		}
		if (!memcmp(table->signature, ACPI_MADT_SIGNATURE, 4))
			acpi->madt = (u64)table;
	}
}

static void set_checksum(struct acpi_header *table)
{
	const u8 *bytes = (const u8 *)table;
	u8 sum = 0;

	table->checksum = 0;
	for (u32 i = 0; i < table->length; i++)
		sum += bytes[i];
	table->checksum = (u8)-sum;
}

void acpi_hide_processors(const struct acpi *acpi, u32 apic_id)
{
	u8 *madt = (u8 *)acpi->madt;
	u32 length = madt ? ((const struct acpi_header *)madt)->length : 0;

	for (u32 at = sizeof(struct acpi_madt); at + 2 <= length && madt[at + 1];
	     at += madt[at + 1]) {
		struct madt_local_apic *entry = (void *)(madt + at);

		if (entry->type == MADT_LOCAL_APIC && entry->apic_id != apic_id)
			entry->flags = 0;
	}
	if (madt)
		set_checksum((struct acpi_header *)madt);
}

static void move_table(struct root root, u64 from, u64 to)
{
	for (u32 i = 0; i < count_of(root); i++)
		if ((u64)table_at(root, i) == from)
			memcpy(entry_of(root, i), &to, root.entry_size);
	if (root.table)
		set_checksum(root.table);
}

static void hide_in(struct root root, const char *signature)
{
	u32 count = count_of(root), kept = 0;

	for (u32 i = 0; i < count; i++) {
		if (!memcmp(table_at(root, i)->signature, signature, 4))
			continue;
		memmove(entry_of(root, kept), entry_of(root, i), root.entry_size);
		kept++;
	}
	if (!root.table)
		return;
	root.table->length = (u32)sizeof(*root.table) + kept * root.entry_size;
	set_checksum(root.table);
}

void acpi_hide(const struct acpi *acpi, const char signature[4])
{
	const struct acpi_rsdp *rsdp = (const void *)acpi->rsdp;

	if (!acpi->rsdp)
		return;
	hide_in(rsdt_of(rsdp), signature);
	hide_in(xsdt_of(rsdp), signature);
}

static u64 find_in(struct root root, const char *signature)
{
	for (u32 i = 0; i < count_of(root); i++)
		if (!memcmp(table_at(root, i)->signature, signature, 4))
			return (u64)table_at(root, i);
	return 0;
}

int acpi_replace(const struct acpi *acpi, const char signature[4], u64 address)
{
	const struct acpi_rsdp *rsdp = (const void *)acpi->rsdp;
	struct root old = acpi->rsdp ? rsdt_of(rsdp) : (struct root){ 0 };
	struct root new = acpi->rsdp ? xsdt_of(rsdp) : (struct root){ 0 };
	u64 found = find_in(old, signature);

	found = found ? found : find_in(new, signature);
	if (!found)
		return -E_NOENT;
	move_table(old, found, address);
	move_table(new, found, address);
	return 0;
}

int acpi_add_wakeup(struct acpi *acpi, void *page, u32 size, u64 mailbox)
{
	const struct madt_wakeup entry = { .type = MADT_WAKEUP,
					   .length = sizeof(entry),
					   .mailbox = mailbox };
	const struct acpi_rsdp *rsdp = (const void *)acpi->rsdp;
	const struct acpi_header *old = (const void *)acpi->madt;
	struct acpi_header *madt = page;

	if (!old)
		return 0;
	if (old->length > size - sizeof(entry))
		return -E_NOSPC;
	memcpy(madt, old, old->length);
	memcpy((u8 *)madt + old->length, &entry, sizeof(entry));
	madt->length += sizeof(entry);
	set_checksum(madt);
	move_table(rsdt_of(rsdp), acpi->madt, (u64)madt);
	move_table(xsdt_of(rsdp), acpi->madt, (u64)madt);
	acpi->madt = (u64)madt;
	return 0;
}
