/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boot of a Linux bzImage: see linux_image.h.
 */
#include "model/linux_image.h"
#include "abi/x86.h"
#include "lib/compiler.h"
#include "lib/string.h"

#define BELOW_4G  BIT(32)
#define ABOVE_LOW 0x100000 /* everything keeps out of the first megabyte, which Linux uses */

#define HEADER_LIMIT  LINUX_HEAD_SIZE
#define PANIC_WORD    "panic="
#define PANIC_AT_ONCE "panic=-1 "

#define BLOB_OFFSET 0x40 /* of cc_blob in the page of setup_data */

#define GDT_CODE64 U64_C(0x00af9b000000ffff)
#define GDT_DATA   U64_C(0x00cf93000000ffff)

static u64 get(const void *base, u32 offset, u32 size)
{
	u64 value = 0;

	memcpy(&value, (const u8 *)base + offset, size);
	return value;
}

static void set(void *base, u32 offset, u32 size, u64 value)
{
	memcpy((u8 *)base + offset, &value, size);
}

static u32 header_end(const void *file) { return LINUX_HEADER + (u32)get(file, LINUX_JUMP + 1, 1); }

/* NULL, or what is wrong with the setup header. */
static const char *header_refusal(const void *file, u64 size)
{
	if (size < HEADER_LIMIT)
		return "the setup header is cut off";
	if (get(file, LINUX_BOOT_FLAG, 2) != LINUX_BOOT_FLAG_MAGIC ||
	    get(file, LINUX_HEADER, 4) != LINUX_HEADER_MAGIC)
		return "it is no Linux bzImage";
	if (get(file, LINUX_VERSION, 2) < LINUX_VERSION_MIN)
		return "its boot protocol is older than 2.12";
	if (!(get(file, LINUX_XLOADFLAGS, 2) & LINUX_XLF_KERNEL_64))
		return "it has no 64-bit entry";
	if (!(get(file, LINUX_LOADFLAGS, 1) & LINUX_LOADED_HIGH))
		return "it is a zImage, which loads low";
	if (header_end(file) < LINUX_INIT_SIZE + 4 || header_end(file) > HEADER_LIMIT)
		return "its setup header has a wrong length";
	return NULL;
}

static const char *image_refusal(const struct linux_image *image, u64 size)
{
	if (image->kernel_offset >= size || image->kernel_size > size - image->kernel_offset)
		return "its kernel is cut off";
	if (image->kernel_size <= LINUX_ENTRY_64)
		return "its kernel is cut off before the 64-bit entry";
	if (image->init_size < image->kernel_size)
		return "it asks for less memory than its own size";
	if (!image->alignment || image->alignment & (image->alignment - 1))
		return "its alignment is no power of two";
	if (image->alignment < PAGE_SIZE || image->alignment >= BELOW_4G)
		return "its alignment is out of range";
	return NULL;
}

/* What follows the kernel is a signature's, or padding; 0: nobody said where it ends. */
static u64 kernel_size(const void *head, u64 rest)
{
	u64 size = get(head, LINUX_SYSSIZE, 4) * LINUX_SYSSIZE_UNIT;

	return !size || (size > rest && size - rest < LINUX_SYSSIZE_UNIT) ? rest : size;
}

/* A kernel, and with it an initrd, that may be above 4 GiB may be anywhere below. */
static u32 initrd_max(const void *head)
{
	if (get(head, LINUX_XLOADFLAGS, 2) & LINUX_XLF_ABOVE_4G)
		return 0xffffffff;
	return (u32)get(head, LINUX_INITRD_ADDR_MAX, 4);
}

static u32 cmdline_max(const void *head)
{
	u32 max = (u32)get(head, LINUX_CMDLINE_MAX, 4);

	return max < PAGE_SIZE ? max : PAGE_SIZE - 1;
}

int linux_image_parse(const void *file, u64 size, struct linux_image *image, const char **why)
{
	u64 sectors, offset;

	*why = header_refusal(file, size);
	if (*why)
		return -E_INVAL;
	sectors = get(file, LINUX_SETUP_SECTS, 1);
	if (!sectors)
		sectors = LINUX_SETUP_SECTS_DEFAULT;
	offset = (sectors + 1) * LINUX_SETUP_SECT_SIZE;
	*image = (struct linux_image){
		.kernel_offset = offset,
		.kernel_size = kernel_size(file, offset < size ? size - offset : 0),
		.init_size = get(file, LINUX_INIT_SIZE, 4),
		.preferred = get(file, LINUX_PREF_ADDRESS, 8),
		.alignment = get(file, LINUX_KERNEL_ALIGNMENT, 4),
		.initrd_max = initrd_max(file),
		.cmdline_max = cmdline_max(file),
		.relocatable = get(file, LINUX_RELOCATABLE_KERNEL, 1),
	};
	*why = image_refusal(image, size);
	return *why ? -E_INVAL : 0;
}

/*
 * The preferred address where it is free, else the lowest one above it. Below it Linux moves itself
 * up to where it was linked, so that the highest place is the one left that is surely not below.
 */
static int place_kernel(const struct linux_image *image, const struct memmap *map, u64 *kernel)
{
	u64 low = image->preferred > ABOVE_LOW ? image->preferred : ABOVE_LOW;

	*kernel = image->preferred;
	if (image->preferred >= ABOVE_LOW && image->preferred < BELOW_4G &&
	    memmap_is_ram(map, image->preferred, image->init_size))
		return 0;
	if (!image->relocatable)
		return -E_NOMEM;
	if (!memmap_find_low(map, image->init_size, image->alignment, low, BELOW_4G, kernel))
		return 0;
	return memmap_find_high(map, image->init_size, image->alignment, ABOVE_LOW, BELOW_4G,
				kernel);
}

/* Finds the highest room below @limit and takes it out of @free. */
static int place_high(struct memmap *free, u64 size, u64 limit, u64 *base)
{
	int error = memmap_find_high(free, size, PAGE_SIZE, ABOVE_LOW,
				     limit < BELOW_4G ? limit : BELOW_4G, base);

	return error ? error : memmap_set(free, *base, size, HVM_MEMMAP_RESERVED);
}

static void place_block(struct linux_place *place, u64 base)
{
	u64 *const pages[] = { &place->params,  &place->cmdline, &place->gdt,   &place->cc,
			       &place->secrets, &place->cpuid,   &place->tables };

	for (unsigned int i = 0; i < array_count(pages); i++)
		*pages[i] = base + i * PAGE_SIZE;
}

int linux_image_place(const struct linux_image *image, const struct memmap *map, u64 initrd_size,
		      struct linux_place *place, const char **why)
{
	struct memmap free = *map;
	u64 block = 0;
	int error;

	*place = (struct linux_place){ 0 };
	*why = "there is no room for the kernel";
	error = place_kernel(image, &free, &place->kernel);
	if (!error)
		error = memmap_set(&free, place->kernel, image->init_size, HVM_MEMMAP_RESERVED);
	if (error)
		return error;
	*why = "there is no room for the initrd";
	if (initrd_size)
		error = place_high(&free, initrd_size, image->initrd_max + 1, &place->initrd);
	if (error)
		return error;
	*why = "there is no room for the boot parameters";
	error = place_high(&free, LINUX_BLOCK_SIZE, BELOW_4G, &block);
	if (error)
		return error;
	place_block(place, block);
	*why = NULL;
	return 0;
}

static void *page_of(void *block, const struct linux_place *place, u64 gpa)
{
	return (u8 *)block + (gpa - place->params);
}

static int build_e820(u8 *params, const struct linux_place *place, const struct linux_params *with)
{
	struct memmap map = *with->map;
	int error = 0;

	if (with->cc)
		error = memmap_set(&map, place->secrets, 2 * PAGE_SIZE, HVM_MEMMAP_RESERVED);
	if (error)
		return error;
	for (unsigned int i = 0; i < map.count; i++) {
		struct linux_e820_entry entry = {
			.addr = map.entries[i].addr,
			.size = map.entries[i].size,
			.type = map.entries[i].type,
		};

		memcpy(params + LINUX_E820_TABLE + i * sizeof(entry), &entry, sizeof(entry));
	}
	set(params, LINUX_E820_ENTRIES, 1, map.count);
	return 0;
}
_Static_assert(MEMMAP_MAX <= LINUX_E820_MAX, "every memory map fits into boot_params");

static int build_params(u8 *params, const void *file, const struct linux_place *place,
			const struct linux_params *with)
{
	memcpy(params + LINUX_SETUP_SECTS, (const u8 *)file + LINUX_SETUP_SECTS,
	       header_end(file) - LINUX_SETUP_SECTS);
	set(params, LINUX_TYPE_OF_LOADER, 1, LINUX_LOADER_UNDEFINED);
	set(params, LINUX_VID_MODE, 2, LINUX_VID_MODE_NORMAL);
	set(params, LINUX_CODE32_START, 4, place->kernel);
	set(params, LINUX_RAMDISK_IMAGE, 4, place->initrd);
	set(params, LINUX_RAMDISK_SIZE, 4, place->initrd ? with->initrd_size : 0);
	set(params, LINUX_CMD_LINE_PTR, 4, place->cmdline);
	set(params, LINUX_ACPI_RSDP_ADDR, 8, with->rsdp);
	set(params, LINUX_SETUP_DATA, 8, with->cc ? place->cc : 0);
	return build_e820(params, place, with);
}

static void build_cc(u8 *page, const struct linux_place *place)
{
	const struct linux_setup_cc_blob setup = {
		.header = { .type = LINUX_SETUP_CC_BLOB,
			    .len = sizeof(setup) - sizeof(setup.header) },
		.cc_blob_address = (u32)(place->cc + BLOB_OFFSET),
	};
	const struct cc_blob_sev_info blob = {
		.magic = CC_BLOB_SEV_MAGIC,
		.version = 1,
		.secrets_phys = place->secrets,
		.secrets_len = PAGE_SIZE,
		.cpuid_phys = place->cpuid,
		.cpuid_len = PAGE_SIZE,
	};

	memcpy(page, &setup, sizeof(setup));
	memcpy(page + BLOB_OFFSET, &blob, sizeof(blob));
}

static void build_gdt(u8 *page)
{
	set(page, LINUX_BOOT_CS, 8, GDT_CODE64);
	set(page, LINUX_BOOT_DS, 8, GDT_DATA);
}

/* Identity tables of 4 GiB by 2M pages; accessed and dirty already, so that no walk writes. */
static void build_tables(u8 *tables, u64 gpa, u64 cbit_mask)
{
	const u64 table = PTE_P | PTE_W | PTE_A | cbit_mask;
	const u64 leaf = table | PTE_D | PTE_PS;
	const unsigned int directories = LINUX_TABLE_PAGES - 2;

	set(tables, 0, 8, (gpa + PAGE_SIZE) | table);
	for (u32 i = 0; i < directories; i++)
		set(tables, PAGE_SIZE + i * 8, 8, (gpa + (2 + i) * PAGE_SIZE) | table);
	for (u32 i = 0; i < directories * PTE_COUNT; i++)
		set(tables, 2 * PAGE_SIZE + i * 8, 8, (u64)i * PAGE_2M_SIZE | leaf);
}

/* Whether a word of @cmdline begins with @start; those behind "--" are init's. */
static bool has_word(const char *cmdline, const char *start)
{
	size_t size = strlen(start);

	for (const char *p = cmdline; p; p = strchr(p, ' ')) {
		while (*p == ' ')
			p++;
		if (!strncmp(p, "-- ", 3))
			return false;
		if (!strncmp(p, start, size))
			return true;
	}
	return false;
}

bool linux_cmdline_has_room(const char *words, u32 max)
{
	return has_word(words, PANIC_WORD) || strlen(words) + sizeof(PANIC_AT_ONCE) - 1 <= max;
}

int linux_cmdline_build(const char *words, u32 max, char *to)
{
	size_t added = sizeof(PANIC_AT_ONCE) - 1, size = strlen(words);

	if (size > max)
		return -E_INVAL;
	if (!linux_cmdline_has_room(words, max) || has_word(words, PANIC_WORD))
		added = 0;
	memcpy(to, PANIC_AT_ONCE, added);
	memcpy(to + added, words, size + 1);
	return 0;
}

int linux_block_build(const void *file, const struct linux_image *image,
		      const struct linux_place *place, const struct linux_params *params,
		      u64 cbit_mask, void *block)
{
	memset(block, 0, place->secrets - place->params);
	memset(page_of(block, place, place->tables), 0, LINUX_TABLE_PAGES * PAGE_SIZE);
	if (linux_cmdline_build(params->cmdline, image->cmdline_max,
				page_of(block, place, place->cmdline)))
		return -E_INVAL;
	build_gdt(page_of(block, place, place->gdt));
	if (params->cc)
		build_cc(page_of(block, place, place->cc), place);
	build_tables(page_of(block, place, place->tables), place->tables, cbit_mask);
	return build_params(page_of(block, place, place->params), file, place, params);
}
