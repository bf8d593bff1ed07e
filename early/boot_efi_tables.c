/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What UEFI's configuration table leads to: ACPI's root, and firmware's CC blob. Of an SNP guest
 * that firmware has started the launch filled firmware's pages and not ours.
 * Spec: UEFI 2.10, 4.6; ACPI 5.2.5.2; OVMF ConfidentialComputingSevSnpBlob.
 */
#include "abi/sev.h"
#include "early/boot_parse.h"
#include "early/efi.h"
#include "lib/string.h"

#define SOURCE     "efi cc blob"
#define TABLES_MAX 256

/* The address that goes with @guid in *table, or 0. */
static int find_table(const struct efi_guid *guid, u64 tables, u64 count, boot_read_t read,
		      u64 *table, struct boot_error *error)
{
	*table = 0;
	if (count > TABLES_MAX)
		return boot_refuse(error, "efi configuration table: %lu entries", count);
	for (u64 i = 0; i < count; i++) {
		struct efi_configuration_table entry;

		if (read(tables + i * sizeof(entry), &entry, sizeof(entry)))
			return boot_refuse(error, "efi configuration table: %#lx is not readable",
					   tables);
		if (!memcmp(&entry.guid, guid, sizeof(*guid)))
			*table = entry.table;
	}
	return 0;
}

int boot_efi_rsdp(u64 tables, u64 count, boot_read_t read, u64 *rsdp, struct boot_error *error)
{
	static const struct efi_guid acpi_2 = EFI_ACPI_20_TABLE_GUID, acpi_1 = EFI_ACPI_TABLE_GUID;
	int err = find_table(&acpi_2, tables, count, read, rsdp, error);

	return err || *rsdp ? err : find_table(&acpi_1, tables, count, read, rsdp, error);
}

static int copy_page(const char *name, u64 address, u32 size, boot_read_t read, void *to,
		     struct boot_error *error)
{
	if (!is_aligned(address, (u64)PAGE_SIZE) || size < PAGE_SIZE ||
	    read(address, to, PAGE_SIZE))
		return boot_refuse(error, SOURCE ": no %s page can be at %#lx, %u bytes", name,
				   address, size);
	return 0;
}

int boot_efi_blob_copy(u64 tables, u64 count, boot_read_t read, void *cpuid_page,
		       void *secrets_page, struct boot_error *error)
{
	static const struct efi_guid guid = EFI_CC_BLOB_GUID;
	struct cc_blob_sev_info blob;
	u64 address;
	int err = find_table(&guid, tables, count, read, &address, error);

	if (err || !address)
		return err;
	if (read(address, &blob, sizeof(blob)) || blob.magic != CC_BLOB_SEV_MAGIC)
		return boot_refuse(error, SOURCE ": %#lx has none", address);
	err = copy_page("CPUID", blob.cpuid_phys, blob.cpuid_len, read, cpuid_page, error);
	if (err)
		return err;
	return copy_page("secrets", blob.secrets_phys, blob.secrets_len, read, secrets_page, error);
}
