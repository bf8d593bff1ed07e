/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PVH start info. Spec: PVH.
 * Does not: modules; ours has none.
 */
#include "abi/pvh.h"
#include "early/boot_parse.h"

#define SOURCE "pvh"

static int read_cmdline(u64 address, boot_read_t read, struct boot_info *info,
			struct boot_error *error)
{
	if (!address)
		return 0;
	for (u64 i = 0; i < BOOT_CMDLINE_MAX; i++) {
		if (address + i < address || read(address + i, &info->cmdline[i], 1))
			return boot_refuse(error, SOURCE " cmdline_paddr: %#lx is not readable",
					   address + i);
		if (!info->cmdline[i])
			return 0;
	}
	info->cmdline[0] = '\0';
	return boot_refuse(error, SOURCE " cmdline_paddr: not terminated within %d bytes",
			   BOOT_CMDLINE_MAX);
}

static int read_entry(u64 address, u32 index, boot_read_t read, struct memory_map *map,
		      struct boot_error *error)
{
	struct hvm_memmap_entry entry;

	if (address < index * sizeof(entry) || read(address, &entry, sizeof(entry)))
		return boot_refuse(error, SOURCE " memmap_paddr: entry %u at %#lx is not readable",
				   index, address);
	return boot_range_add(map, index,
			      (struct memory_range){ .start = entry.addr,
						     .size = entry.size,
						     .type = boot_e820_type(entry.type),
						     .giver = SOURCE " memmap" },
			      error);
}

static int read_memmap(const struct hvm_start_info *start, boot_read_t read, struct memory_map *map,
		       struct boot_error *error)
{
	if (!start->memmap_entries || start->memmap_entries > MEMORY_RANGES_MAX)
		return boot_refuse(error, SOURCE " memmap_entries: %u is not 1 to %d",
				   start->memmap_entries, MEMORY_RANGES_MAX);
	for (u32 i = 0; i < start->memmap_entries; i++) {
		u64 address = start->memmap_paddr + i * sizeof(struct hvm_memmap_entry);
		int err = read_entry(address, i, read, map, error);

		if (err)
			return err;
	}
	return 0;
}

int boot_pvh_parse(u64 start_info, boot_read_t read, struct boot_info *info, struct memory_map *map,
		   struct boot_error *error)
{
	struct hvm_start_info start;
	int err;

	if (start_info % sizeof(u32))
		return boot_refuse(error, SOURCE " start info: %#lx is not aligned", start_info);
	if (read(start_info, &start, sizeof(start)))
		return boot_refuse(error, SOURCE " start info: %#lx is not readable", start_info);
	if (start.magic != HVM_START_MAGIC)
		return boot_refuse(error, SOURCE " magic: %#x is not %#x", start.magic,
				   HVM_START_MAGIC);
	if (start.version < HVM_START_VERSION)
		return boot_refuse(error, SOURCE " version: %u has no memory map", start.version);
	info->loader = "pvh";
	info->rsdp = start.rsdp_paddr;
	err = read_cmdline(start.cmdline_paddr, read, info, error);
	if (err)
		return err;
	return read_memmap(&start, read, map, error);
}
