/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From boot services to our own: for an EFI application, and for a multiboot2 image that was
 * entered with boot services alive.
 */
#pragma once

#include "abi/bits.h"
#include "early/boot_parse.h"

struct efi_boot_services;

/*
 * As an application whose image handle and system table these are: loader, command line and ACPI's
 * root. -E_INVAL with a sentence.
 */
int must_check boot_efi_application(u64 table, u64 image_handle, struct boot_info *info,
				    struct boot_error *error);
/*
 * Copies an SNP guest's CPUID and secrets pages, has a TD's words measured as boot_efi_measure()
 * says, keeps the memory map and leaves boot services: 0, or -E_INVAL with a sentence; boot
 * services may be alive then.
 */
int must_check boot_efi_leave(u64 table, u64 image_handle, const char *words, bool *is_measured,
			      struct boot_error *error);
/* The map that was kept. */
int must_check boot_efi_map(struct memory_map *map, struct boot_error *error);
/*
 * In a TD, whose firmware keeps a log of measurements: the words are in the log, and RTMR 2 is
 * extended by them, when it says so. 0; -E_INVAL with a sentence where firmware fails.
 */
int must_check boot_efi_measure(const struct efi_boot_services *services, const char *words,
				bool *is_measured, struct boot_error *error);
