/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results for machines, as JSON lines on the debugcon at PORT_RESULTS, when the command line has
 * `json` and the device is there; otherwise nothing happens. Format: docs/architecture.md. The line
 * of the run itself is run-qemu.sh's, which knows how it was started.
 */
#pragma once

#include "abi/bits.h"

struct results_bench {
	const char *path; /* "vmmcall", "ghcb", ... */
	const char *form; /* raw, unpatched, patched, exception */
	const char *unit; /* cycles, instructions */
	u64 n, min, p50, p99, max;
};

/* Reports the steps of the boot. */
void results_init(void);
void results_bench(const struct results_bench *bench);
/* What somebody else will judge: bytes, in hexadecimal. */
void results_evidence(const char *name, const void *bytes, size_t size);
void results_workload(const char *name, int status);
