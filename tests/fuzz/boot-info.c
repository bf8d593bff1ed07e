/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No loader's data, however wrong, makes a parser read outside of it, hang, or accept a map that
 * is unsorted or overlaps. Mutates good data by a fixed generator, so that every run is the same;
 * more rounds: FUZZ_ROUNDS=10000000. With clang's libFuzzer: -DLIBFUZZER -fsanitize=fuzzer.
 *
 * RUN: %unit-cc %s -DPARSER=1 -o %t.pvh
 * RUN: %unit-cc %s -DPARSER=2 -o %t.multiboot2
 * RUN: %unit-cc %s -DPARSER=3 -o %t.efi
 * RUN: %unit-cc %s -DPARSER=4 -o %t.fw-cfg
 * RUN: %unit-cc %s -DPARSER=5 -o %t.td-hob
 * RUN: %unit-cc %s -DPARSER=6 -o %t.acpi
 */
#include "abi/pvh.h"
#include "early/boot_ranges.c"
#include "lib/format.c"

#if PARSER == 1
#include "early/boot_pvh.c"
#elif PARSER == 2
#include "early/boot_multiboot2.c"
#elif PARSER == 3
#include "early/boot_efi_map.c"
#elif PARSER == 4
#include "early/boot_fw_cfg.c"
#elif PARSER == 5
#include "early/boot_td_hob.c"
#else
#include "early/boot_acpi.c"
#endif

#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS_DEFAULT 100000
#define SEED_SIZE      256

static const u8 *data;
static size_t data_size;
static u64 accepted;

/* The loader's memory starts at 0, so that mutated addresses often lie in it. */
static __unused int read_data(u64 address, void *to, size_t size)
{
	if (address > data_size || size > data_size - address)
		return -E_FAULT;
	memcpy(to, data + address, size);
	return 0;
}

/* fw_cfg's key is where its item starts. */
static size_t data_at;

static __unused void port_select(u16 port, unsigned int size, u32 key)
{
	(void)port, (void)size;
	data_at = key;
}

static __unused void port_read(u16 port, void *to, size_t count)
{
	(void)port;
	for (u8 *p = to; count; count--)
		*p++ = data_at < data_size ? data[data_at++] : 0;
}

static void check_ranges(const struct memory_map *map)
{
	assert(map->count <= MEMORY_RANGES_MAX);
	for (u32 i = 0; i < map->count; i++) {
		const struct memory_range *r = &map->ranges[i];

		assert(r->size && r->start + r->size >= r->start);
		assert(!i || r[-1].start + r[-1].size <= r->start);
	}
}

#if PARSER == 6
static int parse_acpi(struct memory_map *map, struct boot_error *error)
{
	struct boot_cpus cpus;
	int err = boot_acpi_parse(0, read_data, &cpus, error);

	assert(cpus.count <= CPU_MAX && (!cpus.left_out || cpus.count == CPU_MAX));
	assert(!err || (!cpus.count && !cpus.mailbox));
	for (u32 i = 0; i < cpus.count; i++)
		for (u32 j = 0; j < i; j++)
			assert(cpus.apic_ids[i] != cpus.apic_ids[j]);
	return err ? err
		   : boot_range_add(map, 0,
				    (struct memory_range){ 0x200000, 0x100000, MEMORY_RAM,
							   .giver = "map" },
				    error);
}
#endif

static int parse(struct boot_info *info, struct memory_map *map, struct boot_error *error)
{
	(void)info;
#if PARSER == 1
	return boot_pvh_parse(0, read_data, info, map, error);
#elif PARSER == 2
	void *copy = malloc(BOOT_MULTIBOOT2_SIZE_MAX);
	u32 size;
	u64 value;
	int err =
		boot_multiboot2_copy(MULTIBOOT2_BOOTLOADER_MAGIC, 0, read_data, copy, &size, error);

	if (!err) {
		copy = realloc(copy, size); /* a read behind it is caught */
		err = boot_multiboot2_pointer(copy, size, MULTIBOOT_TAG_TYPE_EFI64, &value, error);
	}
	if (!err)
		err = boot_multiboot2_parse(copy, size, true, info, map, error);
	free(copy);
	return err;
#elif PARSER == 4
	const struct boot_ports ports = { port_read, port_select, NULL };

	return boot_fw_cfg_parse(&ports, true, info, map, error);
#elif PARSER == 5
	return boot_td_hob_parse(data, data_size, map, error);
#elif PARSER == 6
	return parse_acpi(map, error);
#else
	return boot_efi_map_parse(data, data_size, sizeof(struct efi_memory_descriptor), map,
				  error);
#endif
}

int LLVMFuzzerTestOneInput(const u8 *input, size_t size);
int LLVMFuzzerTestOneInput(const u8 *input, size_t size)
{
	struct boot_info *info = calloc(1, sizeof(*info));
	struct memory_map *map = calloc(1, sizeof(*map));
	struct boot_error error = { 0 };
	u8 *exact = malloc(size ? size : 1);
	int err;

	memcpy(exact, input, size);
	data = exact;
	data_size = size;
	err = parse(info, map, &error);
	assert(!err == !error.text[0] && (!err || err == -E_INVAL));
	if (!err)
		err = boot_ranges_finish(map, 0x200000, 0x300000, &error);
	assert(!err == !error.text[0]);
	accepted += !err;
	check_ranges(map);
	assert(strnlen(info->cmdline, BOOT_CMDLINE_MAX) < BOOT_CMDLINE_MAX);
	free(exact);
	free(map);
	free(info);
	return 0;
}

#ifndef LIBFUZZER
static u64 random_state = 1;

static u32 next_random(u32 bound)
{
	random_state = random_state * U64_C(6364136223846793005) + 1442695040888963407;
	return (u32)(random_state >> 33) % bound;
}

#if PARSER == 6
#define XSDT_AT 64
#define MADT_AT 120

static void add_up(void *table, u32 length, u8 *checksum)
{
	const u8 *bytes = table;
	u8 sum = 0;

	*checksum = 0;
	for (u32 i = 0; i < length; i++)
		sum = (u8)(sum + bytes[i]);
	*checksum = (u8)-sum;
}
#endif

static size_t seed(u8 *to)
{
	memset(to, 0, SEED_SIZE);
#if PARSER == 1
	struct hvm_start_info start = {
		.magic = HVM_START_MAGIC,
		.version = 1,
		.cmdline_paddr = 240,
		.memmap_paddr = 64,
		.memmap_entries = 4,
	};
	struct hvm_memmap_entry map[4] = {
		{ 0, 0x9f000, HVM_MEMMAP_RAM, 0 },
		{ 0x100000, 0x700000, HVM_MEMMAP_RAM, 0 },
		{ 0x800000, 0x1000, HVM_MEMMAP_ACPI, 0 },
		{ 0xf0000, 0x10000, HVM_MEMMAP_RESERVED, 0 },
	};

	memcpy(to, &start, sizeof(start));
	memcpy(to + 64, map, sizeof(map));
	memcpy(to + 240, "-- hello", 9);
#elif PARSER == 2
	const u32 head[] = { 120, 0, MULTIBOOT_TAG_TYPE_CMDLINE, 17, 0x2d2d, 0,
			     0,   0, MULTIBOOT_TAG_TYPE_MMAP,    64, 24,     0 };
	const struct multiboot_mmap_entry map[2] = { { 0x100000, 0x700000, 1, 0 },
						     { 0xf0000, 0x10000, 2, 0 } };
	const u32 end[] = { MULTIBOOT_TAG_TYPE_EFI64, 16, 0x1000, 0, MULTIBOOT_TAG_TYPE_END, 8 };

	memcpy(to, head, sizeof(head));
	memcpy(to + 48, map, sizeof(map));
	memcpy(to + 96, end, sizeof(end));
#elif PARSER == 4
	const u32 count = __builtin_bswap32(2);
	const struct fw_cfg_entry files[2] = {
		{ __builtin_bswap32(60), __builtin_bswap16(160), 0, "etc/e820" },
		{ __builtin_bswap32(8), __builtin_bswap16(240), 0, "opt/postern/cmdline" },
	};
	const struct fw_cfg_e820_entry map[3] = {
		{ 0, 0x10000000, HVM_MEMMAP_RAM },
		{ 0xfeffc000, 0x4000, HVM_MEMMAP_RESERVED },
		{ BIT(32), 0x10000000, HVM_MEMMAP_RAM },
	};

	memcpy(to, "QEMU", 4);
	memcpy(to + FW_CFG_DIRECTORY, &count, sizeof(count));
	memcpy(to + FW_CFG_DIRECTORY + 4, files, sizeof(files));
	memcpy(to + 160, map, sizeof(map));
	memcpy(to + 240, "-- hello", 8);
#elif PARSER == 5
	const struct hob_handoff handoff = {
		.header = { .type = HOB_TYPE_HANDOFF, .length = sizeof(handoff) },
		.version = HOB_HANDOFF_VERSION,
	};
	struct hob_resource map[3] = {
		{ .type = HOB_RESOURCE_MEMORY_UNACCEPTED, .start = 0, .length = 0x200000 },
		{ .type = HOB_RESOURCE_SYSTEM_MEMORY, .start = 0x200000, .length = 0x200000 },
		{ .type = HOB_RESOURCE_MEMORY_UNACCEPTED, .start = BIT(32), .length = 0x1000 },
	};
	const struct hob_header end = { .type = HOB_TYPE_END, .length = sizeof(end) };

	for (unsigned int i = 0; i < 3; i++)
		map[i].header = (struct hob_header){ HOB_TYPE_RESOURCE, sizeof(map[i]), 0 };
	memcpy(to, &handoff, sizeof(handoff));
	memcpy(to + sizeof(handoff), map, sizeof(map));
	memcpy(to + sizeof(handoff) + sizeof(map), &end, sizeof(end));
#elif PARSER == 6
	const struct acpi_rsdp rsdp = {
		.revision = 2, .rsdt = XSDT_AT, .length = sizeof(rsdp), .xsdt = XSDT_AT
	};
	const u64 tables[2] = { XSDT_AT, MADT_AT };
	struct acpi_madt madt = { .header = { .signature = ACPI_MADT_SIGNATURE } };
	struct acpi_header xsdt = { .length = sizeof(xsdt) + sizeof(tables) };
	const struct madt_local_apic apics[3] = {
		{ MADT_LOCAL_APIC, sizeof(apics[0]), 0, 0, MADT_ENABLED },
		{ MADT_LOCAL_APIC, sizeof(apics[0]), 0, 1, MADT_ENABLED },
		{ MADT_LOCAL_APIC, sizeof(apics[0]), 0, 2, 0 },
	};
	const struct madt_local_x2apic x2apic = {
		MADT_LOCAL_X2APIC, sizeof(x2apic), 0, 300, MADT_ENABLED, 0
	};
	const struct madt_wakeup wakeup = { MADT_WAKEUP, sizeof(wakeup), 0, 0, 0x80000 };

	madt.header.length = sizeof(madt) + sizeof(apics) + sizeof(x2apic) + sizeof(wakeup);
	memcpy(to, &rsdp, sizeof(rsdp));
	memcpy(to, ACPI_RSDP_SIGNATURE, sizeof(rsdp.signature));
	memcpy(to + XSDT_AT, &xsdt, sizeof(xsdt));
	memcpy(to + XSDT_AT + sizeof(xsdt), tables, sizeof(tables));
	to = memcpy(to + MADT_AT, &madt, sizeof(madt));
	to = memcpy(to + sizeof(madt), apics, sizeof(apics));
	to = memcpy(to + sizeof(apics), &x2apic, sizeof(x2apic));
	memcpy(to + sizeof(x2apic), &wakeup, sizeof(wakeup));
#else
	struct efi_memory_descriptor map[5] = {
		{ EFI_BOOT_SERVICES_CODE, 0, 0, 0, 1, 0 },
		{ EFI_CONVENTIONAL_MEMORY, 0, 0x100000, 0, 0x700, 0 },
		{ EFI_ACPI_MEMORY_NVS, 0, 0x800000, 0, 4, 0 },
		{ EFI_LOADER_DATA, 0, 0x900000, 0, 4, 0 },
		{ 11, 0, 0xffc00000, 0, 0x400, 0 },
	};

	memcpy(to, map, sizeof(map));
	return sizeof(map);
#endif
	return SEED_SIZE;
}

/* A byte, a bit, or a word that is often a border case. */
static void mutate(u8 *to, size_t size)
{
	static const u64 borders[] = { 0,          1,          7,          8,
				       15,         16,         23,         24,
				       0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffffffff000,
				       ~U64_C(0) };
	u32 at = next_random((u32)size);
	u64 border = borders[next_random(array_count(borders))];
	size_t width = size - at < 8 ? 1 : 1U << next_random(4);

	switch (next_random(3)) {
	case 0: to[at] = (u8)next_random(256); break;
	case 1: to[at] ^= (u8)(1U << next_random(8)); break;
	default: memcpy(to + at, &border, width);
	}
}

/* Data with checksums get no further than these, but where they are made right again. */
static void repair(u8 *to)
{
#if PARSER == 6
	static const u32 at[2] = { XSDT_AT, MADT_AT };
	struct acpi_rsdp *rsdp = (void *)to;

	add_up(to, ACPI_RSDP_V1_SIZE, &rsdp->checksum);
	add_up(to, sizeof(*rsdp), &rsdp->extended_checksum);
	for (unsigned int i = 0; i < 2; i++) {
		struct acpi_header *table = (void *)(to + at[i]);

		if (table->length <= SEED_SIZE - at[i])
			add_up(table, table->length, &table->checksum);
	}
#else
	(void)to;
#endif
}

int main(void)
{
	const char *rounds = getenv("FUZZ_ROUNDS");
	u64 count = rounds ? strtoull(rounds, NULL, 0) : ROUNDS_DEFAULT;
	u8 input[SEED_SIZE];

	for (u64 round = 0; round < count; round++) {
		size_t size = seed(input);

		for (u32 i = next_random(6); i; i--)
			mutate(input, size);
		if (next_random(4))
			repair(input);
		if (!next_random(4))
			size = next_random((u32)size + 1);
		LLVMFuzzerTestOneInput(input, size);
	}
	assert(accepted > count / 100); /* else the good data is not good, and nothing was tried */
	return 0;
}
#endif
