/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON lines on a debugcon, one string output each.
 */
#include <stdarg.h>

#include "abi/exit_code.h"
#include "early/platform.h"
#include "kernel/cmdline.h"
#include "kernel/results.h"
#include "kernel/timeline.h"
#include "lib/compiler.h"
#include "lib/format.h"
#include "lib/hex.h"
#include "paravirt/pv_ops.h"

#define LINE_SIZE 320

static bool results_on;

static void printf_like(1, 2) line(const char *fmt, ...)
{
	char text[LINE_SIZE];
	va_list args;
	size_t length;

	if (!results_on)
		return;
	va_start(args, fmt);
	length = vformat(text, sizeof(text), fmt, args);
	va_end(args);
	pv_io_out_string(PORT_RESULTS, text, length < LINE_SIZE ? length : LINE_SIZE - 1);
}

static void report_step(const char *name, u64 tsc)
{
	line("{\"kind\":\"step\",\"name\":\"%s\",\"tsc\":%lu}\n", name, tsc);
}

void results_bench(const struct results_bench *b)
{
	line("{\"kind\":\"bench\",\"platform\":\"%s\",\"path\":\"%s\",\"form\":\"%s\","
	     "\"unit\":\"%s\",\"n\":%lu,\"min\":%lu,\"p50\":%lu,\"p99\":%lu,\"max\":%lu}\n",
	     platform.name, b->path, b->form, b->unit, b->n, b->min, b->p50, b->p99, b->max);
}

#define EVIDENCE_CHUNK 64

void results_evidence(const char *name, const void *bytes, size_t size)
{
	char text[2 * EVIDENCE_CHUNK];

	line("{\"kind\":\"evidence\",\"platform\":\"%s\",\"name\":\"%s\",\"hex\":\"", platform.name,
	     name);
	for (size_t at = 0; results_on && at < size; at += EVIDENCE_CHUNK) {
		size_t count = size - at < EVIDENCE_CHUNK ? size - at : EVIDENCE_CHUNK;

		hex_write(text, (const u8 *)bytes + at, count);
		pv_io_out_string(PORT_RESULTS, text, 2 * count);
	}
	line("\"}\n");
}

void results_workload(const char *name, int status)
{
	line("{\"kind\":\"workload\",\"name\":\"%s\",\"status\":%d}\n", name, status);
}

void results_init(void)
{
	const struct timeline_step *steps;
	unsigned int count;

	results_on = cmdline_get("json") && pv_io_in(PORT_RESULTS, 1) == DEBUGCON_PRESENT;
	steps = timeline_steps(&count);
	for (unsigned int i = 0; i < count; i++)
		report_step(steps[i].name, steps[i].tsc);
}
