/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every hook of pv_ops.def is looked at: a table that lacks any one of them is refused by that
 * hook's name and kind, and a whole one is not.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../../paravirt/pv_ops.c"

/* Nothing here is called: only addresses count. */
struct platform platform;
static struct pv_ops table, whole;
static char message[200];
static jmp_buf panicked;

#define FAKE(type, name, args)                                                                     \
	type name args { __builtin_trap(); }
FAKE(int, cpu_wake_by_sipi, (unsigned int c __unused))
FAKE(u32, native_io_in, (u16 port __unused, unsigned int size __unused))
FAKE(void, native_io_out, (u16 p __unused, unsigned int s __unused, u32 v __unused))
FAKE(void, native_io_out_string, (u16 p __unused, const void *d __unused, size_t c __unused))
FAKE(int, native_msr_read, (u32 m __unused, u64 *v __unused))
FAKE(int, native_msr_write, (u32 m __unused, u64 v __unused))
FAKE(u64, native_mmio_read, (pa_t a __unused, unsigned int s __unused))
FAKE(void, native_mmio_write, (pa_t a __unused, unsigned int s __unused, u64 v __unused))
FAKE(void, native_cpuid, (u32 l __unused, u32 s __unused, struct cpuid_regs *r __unused))
FAKE(void, native_halt, (void))
FAKE(void, native_wbinvd, (void))
FAKE(void, native_handle_exception, (struct trap_frame * f __unused))
FAKE(void, native_terminate, (unsigned int r __unused))
FAKE(void, hypercall_early, (void))
FAKE(bool, cc_has, (enum cc_attr a __unused))
FAKE(noreturn_t, tdx_fatal, (unsigned int r __unused, const char *f __unused, ...))
FAKE(noreturn_t, ghcb_msr_terminate, (unsigned int s __unused, unsigned int c __unused))

const struct pv_ops *pv_platform_table(void) { return &table; }

noreturn_t panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	longjmp(panicked, 1);
}

static void without(size_t offset, const char *hook, bool required)
{
	char expected[200];
	bool unused;

	table = whole;
	table.name = "test";
	memset((u8 *)&table + offset, 0, sizeof(u64));
	snprintf(expected, sizeof(expected), "pv_ops: platform test: %s hook '%s' is missing",
		 required ? "required" : "optional", hook);
	if (!setjmp(panicked)) {
		pv_init();
		assert(!"not refused");
	}
	assert(!strcmp(message, expected));
	assert(!pv_ops_missing(&pv_ops, &unused)); /* the live table has no hole */
}

#define PV_REQUIRED(type, hook, args) without(offsetof(struct pv_ops, hook), #hook, true);
#define PV_OPTIONAL(type, hook, args, fallback)                                                    \
	without(offsetof(struct pv_ops, hook), #hook, false);

int main(void)
{
	/* The statically valid defaults are a whole table. */
	bool required;

	whole = pv_ops;
	assert(!pv_ops_missing(&whole, &required));
#include "paravirt/pv_ops.def"
	table = whole;
	table.name = "whole";
	pv_init();
	assert(!strcmp(pv_ops.name, "whole"));
	puts("ok");
	return 0;
}
