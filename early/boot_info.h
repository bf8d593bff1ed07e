/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the loader said, copied once and checked, in one form for every way of booting (PVH,
 * multiboot2 on BIOS, multiboot2 on UEFI, an EFI application, our ROM), and the memory map filled
 * from it. Nothing else reads the loader's memory.
 */
#pragma once

#include "abi/bits.h"
#include "early/measured_config.h"
#include "lib/addr.h"
#include "lib/errno.h"

#define BOOT_CMDLINE_MAX MEASURED_CONFIG_WORDS_MAX

struct boot_info {
	const char *loader; /* "pvh", "multiboot2", "multiboot2-efi64", "efi", "rom" */
	char cmdline[BOOT_CMDLINE_MAX];
	enum measured measured; /* how the image's measurement takes them */
	u64 rsdp;               /* physical, 0 when not given */
	u32 cpu_count;          /* fw_cfg's; 0: it was not asked, or does not tell */
};

/*
 * Port input of @count bytes, and output of 1, 2 or 4 bytes; and a page that the host sees, where
 * input is an exit for each byte, else NULL.
 */
struct boot_ports {
	void (*in)(u16 port, void *data, size_t count);
	void (*out)(u16 port, unsigned int size, u32 value);
	void *shared;
};

/* Reads and checks. A refusal is kept, since nothing can be printed yet. */
void boot_info_init(void);
/* The same where our ROM was the loader: the host is asked, and a TD's HOB read; else nothing. */
void boot_info_ask(const struct boot_ports *ports);
/* NULL, or the sentence that names the tag or field; boot_info must not be used then. */
const char *boot_info_error(void);
extern struct boot_info boot_info;

/*
 * Reads the loader's or firmware's memory, before there are final tables: 0, or -E_FAULT where the
 * early tables have no memory, or our own image is.
 */
int must_check boot_read_memory(u64 address, void *to, size_t size);
