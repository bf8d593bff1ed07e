/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firmware's CC blob. Of an SNP guest that firmware has started the launch filled firmware's pages
 * and not ours. Spec: OVMF ConfidentialComputingSevSnpBlob; UEFI 2.10, 4.6.
 */
#include "abi/sev.h"
#include "early/boot_parse.h"
#include "early/efi.h"
#include "lib/string.h"

#define SOURCE     "efi cc blob"
#define TABLES_MAX 256

/* Its address in *blob, or 0. */
static int find_blob(u64 tables, u64 count, boot_read_t read, u64 *blob, struct boot_error *error)
{
	static const struct efi_guid guid = EFI_CC_BLOB_GUID;

	*blob = 0;
	if (count > TABLES_MAX)
		return boot_refuse(error, "efi configuration table: %lu entries", count);
	for (u64 i = 0; i < count; i++) {
		struct efi_configuration_table entry;

		if (read(tables + i * sizeof(entry), &entry, sizeof(entry)))
			return boot_refuse(error, "efi configuration table: %#lx is not readable",
					   tables);
		if (!memcmp(&entry.guid, &guid, sizeof(guid)))
			*blob = entry.table;
	}
	return 0;
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
	struct cc_blob_sev_info blob;
	u64 address;
	int err = find_blob(tables, count, read, &address, error);

	if (err || !address)
		return err;
	if (read(address, &blob, sizeof(blob)) || blob.magic != CC_BLOB_SEV_MAGIC)
		return boot_refuse(error, SOURCE ": %#lx has none", address);
	err = copy_page("CPUID", blob.cpuid_phys, blob.cpuid_len, read, cpuid_page, error);
	if (err)
		return err;
	return copy_page("secrets", blob.secrets_phys, blob.secrets_len, read, secrets_page, error);
}
