/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See guest_map.h.
 */
#include "monitor/host/guest_map.h"

#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/machine/memory.h"
#include "monitor/machine/options.h"
#include "monitor/host/state.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/pages.h"
#include "monitor/host/mailbox.h"

#define RSDP_END        0x100000
#define JUMP_TABLE_LOW  0x80000
#define JUMP_TABLE_HIGH 0xa0000
/*
 * Memory ends where QEMU's does: OVMF of 2025, as a TD with several processors, accepts whole 2M
 * and leaves what is left over.
 */
#define OWN_ALIGN (u64) PAGE_2M_SIZE

static int set_map(u64 start, u64 end, u32 type)
{
	start = align_down(start, (u64)PAGE_SIZE);
	return memmap_set(&guest.map, start, align_up(end, (u64)PAGE_SIZE) - start, type);
}

/* What firmware reserved right behind RAM is memory too. */
static u64 end_of_low_memory(const struct memmap *map)
{
	u64 end = 0;

	for (unsigned int i = 0; i < map->count; i++) {
		const struct hvm_memmap_entry *e = &map->entries[i];

		if (e->addr + e->size > U64_C(1) << 32)
			break;
		if (e->type == HVM_MEMMAP_RAM || e->addr == end)
			end = e->addr + e->size;
	}
	return end;
}

/* The firmware's memory that ACPI's tables are in, unless the host is to lie about it. */
static void retype_acpi(void)
{
	if (guest.inject[INJECT_ACPI_RESERVED] >= 0)
		return;
	for (unsigned int i = 0; i < guest.map.count; i++) {
		struct hvm_memmap_entry *e = &guest.map.entries[i];

		if (guest.acpi.tables - e->addr < e->size && e->type == HVM_MEMMAP_RESERVED)
			e->type = HVM_MEMMAP_ACPI;
	}
}

/* Where firmware has no RSDP in its own memory (UEFI), the loader's copy gets a page. */
static int place_rsdp(struct machine *machine)
{
	if (machine->rsdp)
		return set_map(machine->rsdp, machine->rsdp + 1, HVM_MEMMAP_ACPI);
	if (!machine->rsdp_size)
		return 0;
	if (memmap_find_low(&guest.map, PAGE_SIZE, PAGE_SIZE, PAGE_SIZE, RSDP_END, &machine->rsdp))
		return -E_NOMEM;
	memcpy((void *)machine->rsdp, machine->rsdp_copy, machine->rsdp_size);
	return set_map(machine->rsdp, machine->rsdp + 1, HVM_MEMMAP_ACPI);
}

/* Direct boot of SEV-ES: the page in which firmware would let the guest say where others start. */
static int place_jump_table(void)
{
	if (guest.hardware->startup != STARTUP_BY_HOLD || guest.cpu_count == 1 || guest.rom_size)
		return 0;
	if (memmap_find_low(&guest.map, PAGE_SIZE, PAGE_SIZE, JUMP_TABLE_LOW, JUMP_TABLE_HIGH,
			    &host.ap_jump_table))
		return -E_NOMEM;
	memset((void *)host.ap_jump_table, 0, PAGE_SIZE);
	return set_map(host.ap_jump_table, host.ap_jump_table + 1, HVM_MEMMAP_RESERVED);
}

/* Direct boot of a TD: where firmware would have its other processors wait. */
static int place_mailbox(void)
{
	if (guest.hardware->startup != STARTUP_BY_MAILBOX || guest.cpu_count == 1 || guest.rom_size)
		return 0;
	return mailbox_place();
}

/* With a loader's information: what the loader found, and the monitor cut out. */
static int make_loaders(struct machine *machine)
{
	int error;

	guest.map = machine->map;
	retype_acpi(); /* first: reserved ranges that touch become one */
	error = place_rsdp(machine);
	if (!error)
		error = place_jump_table();
	if (!error)
		error = place_mailbox();
	return error ? error : set_map(guest.own_low, guest.own_high, HVM_MEMMAP_RESERVED);
}

/*
 * From the reset vector: RAM as a machine has it, with no hole but the PC's, since firmware knows
 * of no other; and not that one, where the machine for this kind of guest has none.
 */
static int make_firmwares(const struct machine *machine)
{
	int error = memmap_set(&guest.map, 0, guest.own_low, HVM_MEMMAP_RAM);

	if (!error && !guest.hole_host)
		error = memmap_set(&guest.map, VGA_START, MIB1 - VGA_START, 0);
	for (unsigned int i = 0; i < machine->map.count && !error; i++) {
		const struct hvm_memmap_entry *e = &machine->map.entries[i];

		if (e->addr >= U64_C(1) << 32 && e->type == HVM_MEMMAP_RAM)
			error = memmap_set(&guest.map, e->addr, e->size, HVM_MEMMAP_RAM);
	}
	return error;
}

int guest_map_make(struct machine *machine)
{
	memmap_init(&guest.map);
	guest.ram_end_low = end_of_low_memory(&machine->map);
	if (guest.rom_size && guest.hardware->has_hole_memory)
		guest.hole_host = (u64)memory_alloc_dirty(MIB1 - VGA_START);
	guest.own_low = guest.rom_size ? align_down(memory_low(), OWN_ALIGN) : memory_low();
	guest.own_high = memory_high();
	memory_guard_to(guest.own_low);
	return guest.rom_size ? make_firmwares(machine) : make_loaders(machine);
}

u64 guest_map_memory_end(const struct memmap *map)
{
	u64 high = memmap_ram_end(map), low = end_of_low_memory(map);

	return high > low ? high : low;
}
