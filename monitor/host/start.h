/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads the guest and puts its first processor and its memory into the state of a launch.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

/* The guest's files, in the monitor's memory. */
struct payload {
	const void *image;
	u64 image_size;
	const void *initrd;
	u64 initrd_size;
	const void *firmware; /* instead of all these but the command line; rom_init() knows it */
	u64 firmware_size;
	const char *cmdline;
	u64 rsdp;
};

/*
 * @image is an ELF with a PVH entry, or a Linux bzImage; @firmware is what QEMU's -bios takes,
 * and stays in use. Error: a line has said why. Everything else has been copied afterwards.
 */
must_check int start_load(struct vcpu *v, const struct payload *payload);
