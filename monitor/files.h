/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that the monitor was handed: QEMU's, or a loader's modules. Who has no room ends the
 * run.
 */
#pragma once

#include "monitor/host/start.h"
#include "monitor/machine/machine.h"

/* A firmware image, if there is one. Returns the end of memory, its pages included. */
u64 files_firmware(const struct machine *machine, struct payload *payload, u64 memory);

/* The guest, its initrd, and its command line, or else @cmdline. */
void files_take(const struct machine *machine, struct payload *payload, const char *cmdline);

/* The ids of a TD's owner, if there are any. */
void files_td_ids(const struct machine *machine);

/* Policy, host data and id block of an SNP guest, if there are any. */
void files_snp_launch(const struct machine *machine);

/* Another test root than the one that is built in. */
void files_test_root(const struct machine *machine);
