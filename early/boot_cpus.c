/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where to ask for the processors, and what of the answer can be used.
 */
#include "early/boot_cpus.h"

#include "abi/acpi.h"
#include "early/boot_parse.h"
#include "early/entry.h"
#include "early/platform.h"
#include "lib/compiler.h"
#include "lib/string.h"

struct boot_cpus boot_cpus __ro_after_init;

static struct boot_error boot_error __ro_after_init;

/* Its copy of the RSDP is in our image; nothing else there is the firmware's. */
static bool is_multiboot2(void)
{
	return entry_record.loader == ENTRY_LOADER_MULTIBOOT2 ||
	       entry_record.loader == ENTRY_LOADER_MULTIBOOT2_EFI64;
}

/*
 * No table lies where RAM is for us, or a device: whoever says so lies, or is mistaken. With
 * private memory there is no BIOS, whose ROM nobody accepted, and "reserved" is a device's window.
 */
static int read_table(u64 address, void *to, size_t size)
{
	if (address != boot_info.rsdp || size > sizeof(struct acpi_rsdp) || !is_multiboot2())
		return memory_map_has_tables(address, size, !cc_has(CC_PRIVATE_MEMORY))
			       ? boot_read_memory(address, to, size)
			       : -E_FAULT;
	memcpy(to, (const void *)(uintptr_t)address, size);
	return 0;
}

/* QEMU numbers the APICs of sockets and cores from 0 on. */
static void number(u32 count)
{
	for (u32 i = 0; i < count; i++) {
		if (boot_cpus.count == CPU_MAX)
			boot_cpus.left_out++;
		else
			boot_cpus.apic_ids[boot_cpus.count++] = i;
	}
}

/* Firmware's for good: commands come by it for as long as anybody waits. */
static void claim_mailbox(void)
{
	u64 mailbox = boot_cpus.mailbox;

	if (!mailbox)
		return;
	if (is_aligned(mailbox, (u64)PAGE_SIZE) && mailbox < BIT(32) &&
	    !memory_map_claim(mailbox, PAGE_SIZE, MEMORY_OF_FIRMWARE, "ACPI's mailbox"))
		return;
	boot_cpus.mailbox = 0;
	if (boot_refuse(&boot_error, "acpi MADT: no mailbox can be at %#lx: %s", mailbox,
			memory_map_what(mailbox, PAGE_SIZE)))
		return;
}

void boot_cpus_init(void)
{
	if (entry_record.loader == ENTRY_LOADER_ROM)
		number(boot_info.cpu_count);
	else if (boot_info.rsdp &&
		 boot_acpi_parse(boot_info.rsdp, read_table, &boot_cpus, &boot_error))
		return; /* the sentence is kept */
	claim_mailbox();
}

const char *boot_cpus_error(void) { return boot_error.text[0] ? boot_error.text : NULL; }
