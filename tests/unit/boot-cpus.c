/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mailbox is used only where the allocator can never be and every early address reaches; a MADT
 * that is refused, or none, is one processor; our ROM's guest asks for the number.
 * RUN: %unit-cc %s -o %t
 */
#include "early/boot_acpi.c"
/* Names of both */
#define read_table read_table_of_loader
#include "early/boot_cpus.c"

#include "early/memory_map.c"
#include "lib/spinlock.c"
#include "Inputs/boot.h"

#include "Inputs/acpi.h"

struct entry_record entry_record;
struct boot_info boot_info;
const char __image_start[1], __image_end[1];
static u32 count_of_host;
static bool is_private;

bool cc_has(enum cc_attr attr)
{
	assert(attr == CC_PRIVATE_MEMORY);
	return is_private;
}

noreturn_t panic(const char *fmt, ...)
{
	puts(fmt);
	abort();
}

int boot_read_memory(u64 address, void *to, size_t size) { return read_memory(address, to, size); }

static void start(u32 loader)
{
	memset(&boot_cpus, 0, sizeof(boot_cpus));
	memset(&boot_error, 0, sizeof(boot_error));
	entry_record.loader = loader;
	memory_map_release(0, BIT(32));
	boot_info = (struct boot_info){ .rsdp = AT_RSDP, .cpu_count = count_of_host };
	memory_map = (struct memory_map){
		.count = 6,
		.ranges = { { 0, MEMORY_START, MEMORY_RAM, false, "map" },
			    { MEMORY_START, sizeof(memory), MEMORY_ACPI, false, "map" },
			    { 0x20000, 0x60000, MEMORY_RAM, false, "map" },
			    { 0x80000, 0x9000, MEMORY_NVS, false, "map" },
			    { 0x89000, 0x17000, MEMORY_RAM, false, "map" },
			    { 0xfebff000, 0x2000, MEMORY_RESERVED, false, "map" } }
	};
	boot_cpus_init();
}

static void with_mailbox(u64 mailbox)
{
	const struct madt_wakeup wakeup = { .type = MADT_WAKEUP,
					    .length = sizeof(wakeup),
					    .mailbox = mailbox };

	put_tables();
	add_apic(0, MADT_ENABLED);
	add_apic(1, MADT_ENABLED);
	add_entry(&wakeup, sizeof(wakeup));
	start(ENTRY_LOADER_PVH);
	assert(boot_cpus.count == 2);
}

static void test_good(void)
{
	with_mailbox(0x80000);
	assert(boot_cpus.mailbox == 0x80000 && !boot_cpus_error());
	with_mailbox(0x88000);
	assert(boot_cpus.mailbox == 0x88000 && !boot_cpus_error());
	with_mailbox(0xfebff000);
	assert(boot_cpus.mailbox == 0xfebff000 && !boot_cpus_error());
	with_mailbox(0);
	assert(!boot_cpus.mailbox && !boot_cpus_error());
}

static void test_lies(void)
{
	static const struct {
		u64 mailbox;
		const char *sentence;
	} lies[] = {
		{ 0x7f000, "acpi MADT: no mailbox can be at 0x7f000: RAM" }, /* RAM */
		{ 0x89000, "acpi MADT: no mailbox can be at 0x89000: RAM" },
		{ 0x80008, "acpi MADT: no mailbox can be at 0x80008: ACPI's NVS" },
		{ 0xfffff000, "acpi MADT: no mailbox can be at 0xfffff000: nothing" },
		{ 0xfec00000, "acpi MADT: no mailbox can be at 0xfec00000: reserved" },
		{ 0xb8000, "acpi MADT: no mailbox can be at 0xb8000: nothing" },
		{ BIT(32), "acpi MADT: no mailbox can be at 0x100000000: nothing" },
		{ BIT(51) | 0x80000, "acpi MADT: no mailbox can be at 0x8000000080000: nothing" },
		{ ~U64_C(0xfff), "acpi MADT: no mailbox can be at 0xfffffffffffff000: nothing" },
	};

	for (size_t i = 0; i < array_count(lies); i++) {
		with_mailbox(lies[i].mailbox);
		assert(!boot_cpus.mailbox && !strcmp(boot_cpus_error(), lies[i].sentence));
	}
}

static void test_refused(void)
{
	with_mailbox(0x80000);
	((u8 *)memory_at(AT_MADT))[50]++;
	start(ENTRY_LOADER_PVH);
	assert(!boot_cpus.count && !boot_cpus.mailbox);
	assert(!strcmp(boot_cpus_error(), "acpi MADT: its checksum is wrong"));
}

static void expect_error(const char *sentence)
{
	memset(&boot_cpus, 0, sizeof(boot_cpus));
	memset(&boot_error, 0, sizeof(boot_error));
	memory_map_release(0, BIT(32));
	boot_cpus_init();
	assert(boot_cpus.count == (sentence ? 0 : 2));
	assert(!sentence || !strcmp(boot_cpus_error(), sentence));
}

/* Each table's address is held against the map: RAM is ours, accepted or not; a hole a device. */
static void test_places(void)
{
	static const enum memory_type keeps[] = { MEMORY_ACPI, MEMORY_NVS, MEMORY_RESERVED },
				      others[] = { MEMORY_RAM, MEMORY_IMAGE, MEMORY_UNUSABLE };
	struct memory_range *tables = &memory_map.ranges[1];

	for (size_t i = 0; i < array_count(keeps); i++) {
		with_mailbox(0x80000);
		tables->type = keeps[i];
		expect_error(NULL);
		tables->type = others[i];
		expect_error("acpi RSDP: 0x9010 is not readable");
	}
	with_mailbox(0x80000);
	tables->type = MEMORY_RAM;
	tables->accepted = true;
	expect_error("acpi RSDP: 0x9010 is not readable");
	with_mailbox(0x80000);
	tables->size = AT_XSDT + 4 - MEMORY_START; /* then nothing, up to the next range */
	expect_error("acpi XSDT: 0x9200 is not readable");
	with_mailbox(0x80000);
	tables->size = AT_MADT - MEMORY_START;
	expect_error("acpi: there is no MADT");
	with_mailbox(0x80000);
	tables->size = AT_MADT + sizeof(struct acpi_header) - MEMORY_START;
	expect_error("acpi MADT: 0xa000 is not readable");
}

/* Of a BIOS tables lie in what is reserved, and in its ROM; where memory is private is no BIOS. */
static void test_private(void)
{
	struct memory_range *tables = &memory_map.ranges[1];

	is_private = true;
	with_mailbox(0x80000);
	expect_error(NULL);
	tables->type = MEMORY_NVS;
	expect_error(NULL);
	tables->type = MEMORY_RESERVED;
	expect_error("acpi RSDP: 0x9010 is not readable");
	assert(!memory_map_has_tables(BIOS_ROM_START, 36, false));
	assert(memory_map_has_tables(BIOS_ROM_START, 36, true));
	assert(!memory_map_has_tables(~U64_C(0) - 7, 36, true));
	is_private = false;
}

/* The RSDP may be a copy in the image, the rest may not. */
static void test_multiboot2(void)
{
	struct acpi_rsdp *copy = memory_at(AT_RSDP);

	with_mailbox(0x80000);
	boot_info.rsdp = (u64)(uintptr_t)copy;
	memset(&boot_cpus, 0, sizeof(boot_cpus));
	memory_map_release(0, BIT(32));
	entry_record.loader = ENTRY_LOADER_MULTIBOOT2;
	boot_cpus_init();
	assert(boot_cpus.count == 2 && boot_cpus.mailbox == 0x80000);
	entry_record.loader = ENTRY_LOADER_EFI;
	boot_cpus_init();
	assert(!boot_cpus.count && boot_cpus_error());
	memset(&boot_error, 0, sizeof(boot_error));
	entry_record.loader = ENTRY_LOADER_PVH;
	boot_cpus_init();
	assert(!boot_cpus.count && boot_cpus_error());
}

static void test_rom(void)
{
	put_tables();
	count_of_host = 3;
	start(ENTRY_LOADER_ROM);
	assert(boot_cpus.count == 3 && !boot_cpus.left_out && boot_cpus.apic_ids[2] == 2);
	count_of_host = 0xffff;
	start(ENTRY_LOADER_ROM);
	assert(boot_cpus.count == CPU_MAX && boot_cpus.left_out == 0xffff - CPU_MAX);
	assert(!boot_cpus.mailbox && !boot_cpus_error());
}

int main(void)
{
	test_good();
	test_lies();
	test_places();
	test_private();
	test_refused();
	test_multiboot2();
	test_rom();
	return 0;
}
