/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that are handed to the monitor beside its own image. QEMU's are read where they are wanted,
 * piece by piece; a loader's modules lie where the guest will, and are copied out of its way first.
 */
#pragma once

#include "lib/errno.h"
#include "model/source.h"
#include "monitor/machine/fw_cfg.h"
#include "monitor/machine/machine.h"

struct file {
	struct source source; /* reads from fw_cfg below: a file stays where it is */
	struct fw_cfg_file fw_cfg;
};

/*
 * QEMU's fw_cfg file @file_name, or else the loader's module @module_name: 0; -E_NOENT: there is
 * neither; -E_NOSPC: there is no room for the module, of which only the size is known then.
 */
must_check int file_find(const struct machine *machine, const char *file_name,
			 const char *module_name, struct file *file);

/* All of it, in the monitor's memory, with a zero behind it; NULL: no room. */
void *file_load(const struct file *file);
