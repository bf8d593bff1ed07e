/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the loader's memory, once, and lets the parser for this loader fill boot_info and the
 * memory map. A refusal is kept until it can be printed.
 */
#include <multiboot2.h>

#include "early/boot_info.h"
#include "early/boot_efi.h"
#include "early/efi_traps.h"
#include "early/boot_parse.h"
#include "early/entry.h"
#include "early/launch_pages.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/string.h"

/* All that the early tables map as memory. */
#define READABLE_END U64_C(0xc0000000)

struct boot_info boot_info __ro_after_init;

extern const char __image_start[], __image_end[];

static struct boot_error boot_error __ro_after_init;
static bool is_measured __ro_after_init; /* a TD's words, by its firmware */
static __aligned_page u8 multiboot2_copy[BOOT_MULTIBOOT2_SIZE_MAX];
static u32 multiboot2_size;

void efi_leave_boot_services(void); /* called by entry_efi64.S only */

/* Not where our own image lies: a loader that says so is wrong. */
int boot_read_memory(u64 address, void *to, size_t size)
{
	if (address >= READABLE_END || size > READABLE_END - address)
		return -E_FAULT;
	if (memory_map_meets_image(address, size))
		return -E_FAULT;
	memcpy(to, (const void *)(uintptr_t)address, size);
	return 0;
}

static int copy_multiboot2(void)
{
	return boot_multiboot2_copy(entry_record.magic, entry_record.info, boot_read_memory,
				    multiboot2_copy, &multiboot2_size, &boot_error);
}

/* Nothing of the words has had an effect that matters before it is known whose they are. */
static void apply(void)
{
	boot_info.measured = measured_config_apply(&measured_config, boot_info.cmdline);
}

static int efi_leave(u64 table_address, u64 image_handle)
{
	apply();
	return boot_efi_leave(table_address, image_handle, boot_info.cmdline, &is_measured,
			      &boot_error);
}

static int efi_leave_multiboot2(void)
{
	u64 table_address, image_handle;
	int err = copy_multiboot2();

	if (!err)
		err = boot_multiboot2_pointer(multiboot2_copy, multiboot2_size,
					      MULTIBOOT_TAG_TYPE_EFI64, &table_address,
					      &boot_error);
	if (!err)
		err = boot_multiboot2_pointer(multiboot2_copy, multiboot2_size,
					      MULTIBOOT_TAG_TYPE_EFI64_IH, &image_handle,
					      &boot_error);
	if (err)
		return err;
	if (!table_address || !image_handle)
		return boot_refuse(&boot_error, "multiboot2 tag %s: missing",
				   table_address ? "efi64_ih" : "efi64");
	err = boot_multiboot2_parse(multiboot2_copy, multiboot2_size, false, &boot_info,
				    &memory_map, &boot_error);
	return err ? err : efi_leave(table_address, image_handle);
}

static int efi_leave_application(void)
{
	int err = boot_efi_application(entry_record.info, entry_record.image_handle, &boot_info,
				       &boot_error);

	return err ? err : efi_leave(entry_record.info, entry_record.image_handle);
}

/* On the firmware's stack and tables. A failure is kept, and the machine taken over anyway. */
void efi_leave_boot_services(void)
{
	int err;

	efi_traps_prepare();
	err = entry_record.loader == ENTRY_LOADER_EFI ? efi_leave_application()
						      : efi_leave_multiboot2();
	efi_traps_take();
	CHECK(!err == !boot_error.text[0]);
}

static int parse(struct boot_info *info)
{
	int err;

	switch (entry_record.loader) {
	case ENTRY_LOADER_PVH:
		return boot_pvh_parse(entry_record.info, boot_read_memory, info, &memory_map,
				      &boot_error);
	case ENTRY_LOADER_MULTIBOOT2:
		err = copy_multiboot2();
		if (err)
			return err;
		return boot_multiboot2_parse(multiboot2_copy, multiboot2_size, true, info,
					     &memory_map, &boot_error);
	case ENTRY_LOADER_MULTIBOOT2_EFI64: /* what is its own was asked before it was left */
	case ENTRY_LOADER_EFI:
		return boot_error.text[0] ? -E_INVAL : boot_efi_map(&memory_map, &boot_error);
	}
	panic("entered by loader %u", entry_record.loader);
}

static void finish(int err)
{
	if (!err)
		apply();
	if (!err && !is_measured)
		measured_config_extend(boot_info.cmdline);
	if (!err)
		err = boot_ranges_finish(&memory_map, (u64)(uintptr_t)__image_start,
					 (u64)(uintptr_t)__image_end, &boot_error);
	CHECK(!err == !boot_error.text[0]);
}

void boot_info_init(void)
{
	if (entry_record.loader != ENTRY_LOADER_ROM)
		finish(parse(&boot_info));
}

/* A TD's map lies in its own memory since its launch; the command line does not. */
static int ask(const struct boot_ports *ports)
{
	int err = boot_fw_cfg_parse(ports, !entry_record.tdx, &boot_info, &memory_map, &boot_error);

	if (err || !entry_record.tdx)
		return err;
	return boot_td_hob_parse(launch_td_hob, sizeof(launch_td_hob), &memory_map, &boot_error);
}

void boot_info_ask(const struct boot_ports *ports)
{
	if (entry_record.loader == ENTRY_LOADER_ROM)
		finish(ask(ports));
}

const char *boot_info_error(void) { return boot_error.text[0] ? boot_error.text : NULL; }
