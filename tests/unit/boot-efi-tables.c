/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What EFI's configuration table has. ACPI's root, the newer one first. Firmware's CC blob: both
 * pages are copied, once, from where it says; without one nothing is; what cannot be a table, a
 * blob or a page is refused by name, and nothing outside is read.
 * RUN: %unit-cc %s -o %t
 */
#include "early/boot_efi_tables.c"

#include "Inputs/boot.h"

#define AT_TABLES  MEMORY_START
#define AT_BLOB    (MEMORY_START + 0x800)
#define AT_CPUID   (MEMORY_START + 0x1000)
#define AT_SECRETS (MEMORY_START + 0x2000)

static struct efi_configuration_table tables[3];
static struct cc_blob_sev_info blob;
static u64 tables_at, count;
static u8 cpuid_page[PAGE_SIZE], secrets_page[PAGE_SIZE];

static void good(void)
{
	static const struct efi_guid guid = EFI_CC_BLOB_GUID, other = { { 0x5f, 0x1f } };

	reset_info();
	tables_at = AT_TABLES;
	count = array_count(tables);
	for (size_t i = 0; i < array_count(tables); i++)
		tables[i] = (struct efi_configuration_table){ other, ~U64_C(0) };
	tables[1] = (struct efi_configuration_table){ guid, AT_BLOB };
	blob = (struct cc_blob_sev_info){ .magic = CC_BLOB_SEV_MAGIC,
					  .secrets_phys = AT_SECRETS,
					  .secrets_len = PAGE_SIZE,
					  .cpuid_phys = AT_CPUID,
					  .cpuid_len = PAGE_SIZE };
	memset(memory + 0x1000, 0xc1, PAGE_SIZE);
	memset(memory + 0x2000, 0x5e, PAGE_SIZE);
	memset(cpuid_page, 0, PAGE_SIZE);
	memset(secrets_page, 0, PAGE_SIZE);
}

static int copy(void)
{
	memcpy(memory, tables, sizeof(tables));
	memcpy(memory + 0x800, &blob, sizeof(blob));
	return boot_efi_blob_copy(tables_at, count, read_memory, cpuid_page, secrets_page, &error);
}

#define REFUSED(change, sentence)                                                                  \
	do {                                                                                       \
		good();                                                                            \
		change;                                                                            \
		expect(copy(), sentence);                                                          \
	} while (0)

static u64 rsdp(void)
{
	u64 found = 1;

	memcpy(memory, tables, sizeof(tables));
	expect(boot_efi_rsdp(tables_at, count, read_memory, &found, &error), NULL);
	return found;
}

static void test_rsdp(void)
{
	static const struct efi_guid acpi_1 = EFI_ACPI_TABLE_GUID, acpi_2 = EFI_ACPI_20_TABLE_GUID;
	u64 found;

	good();
	assert(!rsdp());
	tables[0] = (struct efi_configuration_table){ acpi_1, 0x1234 };
	assert(rsdp() == 0x1234);
	tables[2] = (struct efi_configuration_table){ acpi_2, 0x5678 };
	assert(rsdp() == 0x5678);
	count = 2;
	assert(rsdp() == 0x1234);
	good();
	count = 257;
	expect(boot_efi_rsdp(tables_at, count, read_memory, &found, &error),
	       "efi configuration table: 257 entries");
}

int main(void)
{
	good();
	expect(copy(), NULL);
	assert(cpuid_page[0] == 0xc1 && cpuid_page[PAGE_SIZE - 1] == 0xc1);
	assert(secrets_page[0] == 0x5e && secrets_page[PAGE_SIZE - 1] == 0x5e);
	good();
	count = 1;
	expect(copy(), NULL);
	assert(!cpuid_page[0] && !secrets_page[0]);
	REFUSED(count = 257, "efi configuration table: 257 entries");
	REFUSED(tables_at = ~U64_C(7),
		"efi configuration table: 0xfffffffffffffff8 is not readable");
	REFUSED(tables[1].table = 0x1000, "efi cc blob: 0x1000 has none");
	REFUSED(blob.magic++, "efi cc blob: 0x9800 has none");
	REFUSED(blob.cpuid_phys++, "efi cc blob: no CPUID page can be at 0xa001, 4096 bytes");
	REFUSED(blob.cpuid_len--, "efi cc blob: no CPUID page can be at 0xa000, 4095 bytes");
	REFUSED(blob.cpuid_phys = 0x200000,
		"efi cc blob: no CPUID page can be at 0x200000, 4096 bytes");
	REFUSED(blob.secrets_phys = BIT(51) | AT_SECRETS,
		"efi cc blob: no secrets page can be at 0x800000000b000, 4096 bytes");
	REFUSED(blob.secrets_len = 0, "efi cc blob: no secrets page can be at 0xb000, 0 bytes");
	test_rsdp();
	return failures != 0;
}
