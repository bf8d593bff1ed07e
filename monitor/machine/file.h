/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that are handed to the monitor beside its own image.
 */
#pragma once

#include "monitor/machine/machine.h"

/*
 * A copy, in the monitor's memory, of QEMU's fw_cfg file @file_name, or else of the loader's module
 * @module_name; NULL where there is neither.
 */
const void *file_take(const struct machine *machine, const char *file_name, const char *module_name,
		      u64 *size);
