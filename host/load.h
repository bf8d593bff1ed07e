/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts what a PVH guest starts with into its memory: image, start info, ACPI tables. The file is
 * not believed.
 */
#pragma once

#include "host/memory.h"
#include "model/elf_image.h"

struct load {
	const void *image;
	u64 image_size;
	const void *certificates; /* of an SNP guest; NULL: none */
	u64 certificates_size;
	const char *cmdline;
	u64 memory;
	unsigned int processors;
};

/* Into the shared view; @plan gets the image's. */
must_check int load_guest(const struct memory *memory, const struct load *load,
			  struct elf_plan *plan, struct why *why);
