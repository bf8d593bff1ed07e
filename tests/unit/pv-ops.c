/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every hook of pv_ops.def is looked at: a table that lacks any one of them is refused by that
 * hook's name and kind, and a whole one is not.
 * Which table is in force after every processor's set-up, whatever failed: the plainer one only
 * where there is one, after everything was taken back by the table that gave it; never by a guest
 * that has something to protect, which ends, or does without the page that was refused.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "paravirt/pv_ops.h"

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
FAKE(void, native_io_in_each, (u16 p __unused, void *d __unused, size_t c __unused))
FAKE(void, native_io_out_each, (u16 p __unused, const void *d __unused, size_t c __unused))
FAKE(int, native_msr_read, (u32 m __unused, u64 *v __unused))
FAKE(int, native_msr_write, (u32 m __unused, u64 v __unused))
FAKE(u64, native_mmio_read, (pa_t a __unused, unsigned int s __unused))
FAKE(void, native_mmio_write, (pa_t a __unused, unsigned int s __unused, u64 v __unused))
FAKE(void, native_cpuid, (u32 l __unused, u32 s __unused, struct cpuid_regs *r __unused))
FAKE(void, native_halt, (void))
FAKE(void, native_wbinvd, (void))
FAKE(void, native_handle_exception, (struct trap_frame * f __unused))
FAKE(void, hypercall_early, (void))
FAKE(void, hypercall_none, (void))
FAKE(void, platform_detect, (void))

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

#define PV_HOOK(kind, call, type, hook, args, a, b, c)                                             \
	without(offsetof(struct pv_ops, hook), #hook, kind);

/* ---- publishing */

static const struct pv_ops plain = { .name = "plain" };
static const struct pv_ops with_plainer = { .name = "kvm", .plainer = &plain };
static const struct pv_ops no_plainer = { .name = "sev" };

static u32 refused, taken_back;
static bool by_first_table, became_plain, has_private_memory;
static jmp_buf ended;
static unsigned int reason_of_end;

noreturn_t fatal(unsigned int reason, const char *fmt, ...)
{
	(void)fmt;
	reason_of_end = reason;
	longjmp(ended, 1);
}

void log_error(const char *fmt, ...) { (void)fmt; }
void log_info(const char *fmt, ...) { (void)fmt; }
bool cc_has(enum cc_attr attr) { return attr == CC_PRIVATE_MEMORY && has_private_memory; }
u32 pv_pages_refused(void) { return refused; }
void platform_become_plain(void) { became_plain = true; }

void pv_pages_take_back(u32 which, const struct cpus_services *services)
{
	assert(services && !taken_back);
	taken_back = which;
	by_first_table = strcmp(pv_ops.name, "plain") && !became_plain;
}

/* Whether it goes on. */
static bool publish_adrift(const struct pv_ops *first, unsigned int failed, u32 pages,
			   unsigned int adrift)
{
	const struct cpus_services services = { 0 };
	const struct cpus_outcome started = { .failed = failed, .adrift = adrift };

	pv_ops = *first;
	refused = pages;
	taken_back = 0;
	by_first_table = became_plain = false;
	if (setjmp(ended))
		return false;
	pv_publish(&started, &services);
	return true;
}

static bool publish(const struct pv_ops *first, unsigned int failed, u32 pages)
{
	return publish_adrift(first, failed, pages, 0);
}

static bool stays(const struct pv_ops *first)
{
	return pv_ops.name == first->name && !became_plain;
}

static bool fell_back(void)
{
	return pv_ops.name == plain.name && became_plain && by_first_table &&
	       taken_back == PV_PAGES_ALL;
}

static void test_publish(void)
{
	const u32 clock = BIT(PV_PAGE_CLOCK), steal = BIT(PV_PAGE_STEAL_TIME);

	assert(publish(&with_plainer, 0, 0) && stays(&with_plainer) && !taken_back);
	assert(publish(&no_plainer, 0, 0) && stays(&no_plainer) && !taken_back);

	assert(publish(&with_plainer, 0, steal) && stays(&with_plainer) && taken_back == steal);
	assert(publish(&no_plainer, 0, steal) && stays(&no_plainer) && taken_back == steal);

	assert(publish(&with_plainer, 0, clock) && fell_back());
	assert(publish(&with_plainer, 0, clock | steal) && fell_back());
	assert(publish(&no_plainer, 0, clock) && stays(&no_plainer) && taken_back == clock);

	assert(publish(&with_plainer, 3, 0) && fell_back());
	assert(!publish(&no_plainer, 3, 0) && reason_of_end == TERM_CPU_SETUP);
	assert(!publish(&no_plainer, 3, clock) && stays(&no_plainer) && !taken_back);
}

/* One that is adrift ends a guest that has private memory, or that falls back; no other one. */
static void test_adrift(void)
{
	const u32 clock = BIT(PV_PAGE_CLOCK), steal = BIT(PV_PAGE_STEAL_TIME);

	assert(publish_adrift(&with_plainer, 0, 0, 2) && stays(&with_plainer));
	assert(publish_adrift(&with_plainer, 0, steal, 2) && taken_back == steal);
	assert(!publish_adrift(&with_plainer, 0, clock, 2) && !taken_back);
	assert(reason_of_end == TERM_CPU_SETUP);
	has_private_memory = true;
	assert(!publish_adrift(&no_plainer, 0, 0, 2) && reason_of_end == TERM_CPU_SETUP);
	has_private_memory = false;
}

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
	test_publish();
	test_adrift();
	puts("ok");
	return 0;
}
