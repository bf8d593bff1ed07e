/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans the boot of a Linux bzImage by the 64-bit protocol: checks the setup header, places
 * kernel, initrd and parameters, and builds boot_params, the confidential-computing blob, page
 * tables and GDT that the entry demands.
 * Spec: LINUX-BOOT (Documentation/arch/x86/boot.rst, zero-page.rst).
 */
#pragma once

#include "abi/linux_boot.h"
#include "abi/sev.h"
#include "lib/errno.h"
#include "model/memmap.h"

/* The setup header as a part of boot_params ends before edd_mbr_sig_buffer: zero-page.rst. */
#define LINUX_HEAD_SIZE 0x290

/* What the image says, checked. */
struct linux_image {
	u64 kernel_offset; /* of the protected-mode part in the file */
	u64 kernel_size;
	u64 init_size; /* memory the kernel uses from its load address on */
	u64 preferred;
	u64 alignment;
	u64 initrd_max;  /* highest byte an initrd may have */
	u32 cmdline_max; /* less than a page */
	bool relocatable;
};

/*
 * @file: its first LINUX_HEAD_SIZE bytes of @size, or all. 0, or -E_INVAL with the reason in
 * @why.
 */
must_check int linux_image_parse(const void *file, u64 size, struct linux_image *image,
				 const char **why);

#define LINUX_TABLE_PAGES 6 /* PML4, PDPT, four page directories: 4 GiB by 2M */

/*
 * Where everything lies, all below 4 GiB. The pages from params on are one block. The secrets and
 * CPUID pages are reserved in the guest's e820, so that Linux keeps its hands off; the rest is
 * RAM, since Linux maps setup_data in reserved memory as shared.
 */
struct linux_place {
	u64 kernel;
	u64 initrd;  /* 0 without one */
	u64 params;  /* boot_params */
	u64 cmdline; /* up to one page */
	u64 gdt;     /* selectors 0x10 and 0x18 */
	u64 cc;      /* setup_data and cc_blob */
	u64 secrets; /* one page, its launch type secrets */
	u64 cpuid;   /* one page, its launch type CPUID */
	u64 tables;  /* LINUX_TABLE_PAGES, PML4 first */
};

#define LINUX_BLOCK_PAGES (6 + LINUX_TABLE_PAGES)
#define LINUX_BLOCK_SIZE  ((u64)LINUX_BLOCK_PAGES * PAGE_SIZE)

/* Finds room in @map for everything. 0, or -E_NOMEM with the reason in @why. */
must_check int linux_image_place(const struct linux_image *image, const struct memmap *map,
				 u64 initrd_size, struct linux_place *place, const char **why);

struct linux_params {
	const struct memmap *map;
	const char *cmdline;
	u64 rsdp;
	u64 initrd_size;
	bool cc; /* the guest is SNP: tell it of secrets and CPUID page */
};

/*
 * The command line @words, at most @max bytes of it, at @to, which has room for @max and a zero:
 * with `panic=-1` in front where no word says what to do after a panic and there is room, so that a
 * guest that panics resets its machine. -E_INVAL: longer.
 */
must_check int linux_cmdline_build(const char *words, u32 max, char *to);
/* False: that word is left out for want of room. */
bool linux_cmdline_has_room(const char *words, u32 max);

/*
 * Builds the block except the secrets and CPUID pages: @block is its LINUX_BLOCK_SIZE bytes, which
 * the guest has at place->params; @file is the image parsed before. @cbit_mask goes into every
 * page-table entry (0 for a plain guest). -E_INVAL: command line too long; -E_NOSPC: too many
 * entries for the e820 table.
 */
must_check int linux_block_build(const void *file, const struct linux_image *image,
				 const struct linux_place *place, const struct linux_params *params,
				 u64 cbit_mask, void *block);
