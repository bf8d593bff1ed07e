/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads the guest and puts its first processor and its memory into the state of a launch.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/machine/file.h"
#include "monitor/svm/vcpu.h"

/* The guest's files. */
struct payload {
	struct file image;
	struct file initrd;   /* empty: none */
	const void *firmware; /* starts first, and all these if it likes; rom_init() knows it */
	u64 firmware_size;
	const void
		*hashes; /* of @image, @initrd and @cmdline, as firmware wants them; NULL: none */
	u64 hashes_size;
	const char *cmdline;
	u64 rsdp;
};

/*
 * @image is an ELF with a PVH or multiboot entry, or a Linux bzImage; @firmware is what QEMU's
 * -bios takes, and stays in use. Error: a line has said why. Everything else has been copied
 * afterwards.
 */
must_check int start_load(struct vcpu *v, const struct payload *payload);
