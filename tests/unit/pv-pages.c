/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KVM's pages, with a host that says no: to share one, to register one, to give one back, to make
 * it private again; and the token of a page that comes, once more than the guest can wait.
 * RUN: %unit-cc %s -iquote %S/Inputs/pages -o %t
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cpu.h"
#include "lib/irq.h"

static void fake_nothing(void) {}

#define read_gs32(offset) 0U /* the boot processor */
#define cli               fake_nothing
#define irq_save()        RFLAGS_IF
#define irq_restore(x)    (void)(x)
#include "../../paravirt/pv_async_pf.c"
#include "../../paravirt/pv_pages.c"

#define FEATURES                                                                                   \
	(BIT(KVM_FEATURE_CLOCKSOURCE2) | BIT(KVM_FEATURE_STEAL_TIME) | BIT(KVM_FEATURE_PV_EOI) |   \
	 BIT(KVM_FEATURE_ASYNC_PF_INT))

struct platform platform;

static bool refuses_to_share, refuses_to_unshare;
static u32 refused_msr; /* each write of it is */
static u32 last_msr;
static u64 last_value;
static char said[96]; /* the last sentence */
static unsigned int reason;
static jmp_buf end;

bool cc_has(enum cc_attr attr) { return (void)attr, false; }
void log_info(const char *fmt, ...) { (void)fmt; }
noreturn_t panic(const char *fmt, ...) { puts(fmt), abort(); }
int early_set_memory_decrypted(va_t start, u64 count) { return (void)start, (void)count, 0; }
int kvmclock_read(u64 *nanoseconds) { return *nanoseconds = 0, -E_NOSYS; }
int steal_time_read(u64 *nanoseconds) { return *nanoseconds = 0, -E_NOSYS; }

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(said, sizeof(said), fmt, args);
	va_end(args);
}

noreturn_t fatal(unsigned int why, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(said, sizeof(said), fmt, args);
	va_end(args);
	reason = why;
	longjmp(end, 1);
}

int visibility_share(va_t start, u64 count, const char *user, visibility_setter_t change)
{
	(void)start, (void)count, (void)user, (void)change;
	return refuses_to_share ? -E_IO : 0;
}

int visibility_unshare(va_t start, u64 count, visibility_setter_t change)
{
	(void)start, (void)count, (void)change;
	return refuses_to_unshare ? -E_IO : 0;
}

int pv_msr_write(u32 msr, u64 value)
{
	last_msr = msr;
	last_value = value;
	return msr == refused_msr ? -E_FAULT : 0;
}

static void run(void (*function)(void *context), void *context) { function(context); }
static const struct cpus_services services = { .run = run };

/* The reason by which it ends, 0: it does not. */
static unsigned int end_of(void (*body)(void))
{
	reason = 0;
	if (!setjmp(end))
		body();
	return reason;
}

static void shut_down(void) { pv_pages_shut_down(&services); }
static void unshare_others(void) { pv_pages_unshare_from(0, &services); }

static void test_pages(void)
{
	platform.kvm_features = (u32)FEATURES;
	refuses_to_share = true;
	assert(end_of(pv_pages_share) == TERM_PSC);
	assert(!strcmp(said, "the pages for KVM could not be shared"));
	assert(pv_pages_share_others(1, 2, &services) == -E_IO);
	refuses_to_share = false;
	assert(!end_of(pv_pages_share));

	refused_msr = MSR_KVM_STEAL_TIME;
	pv_pages_register();
	assert(!strcmp(said, "the host refused the page for steal time of processor 0"));
	assert(pv_pages_refused() == BIT(PV_PAGE_STEAL_TIME));
	assert(!pv_page_registered(PV_PAGE_STEAL_TIME) && pv_page_registered(PV_PAGE_EOI));

	/* What the host may still write to does not become ours. */
	refused_msr = MSR_KVM_PV_EOI_EN;
	assert(end_of(shut_down) == TERM_RESPONSE && !last_value);
	assert(!strcmp(said, "the host does not give back the page for PV EOI"));
	assert(pv_page_registered(PV_PAGE_EOI));
	refused_msr = 0;
	refuses_to_unshare = true;
	assert(end_of(shut_down) == TERM_PSC && !strcmp(said, "pages for KVM stay shared"));
	assert(end_of(unshare_others) == TERM_PSC);
	refuses_to_unshare = false;
	assert(!end_of(shut_down) && !pv_page_registered(PV_PAGE_EOI));
}

/* ---- async page faults */

static struct kvm_vcpu_pv_apf_data *page(void) { return (void *)pages[0][PV_PAGE_ASYNC_PF]; }

static u32 next_token = 1;

static void fault(void)
{
	page()->flags = KVM_PV_REASON_PAGE_NOT_PRESENT;
	assert(pv_async_pf_fault(next_token++));
}

/* The host that has us asleep brings nothing, and lacks one more. */
void pv_halt(void) { fault(); }

static void test_async_pf(void)
{
	states[0][PV_PAGE_ASYNC_PF].is_registered = true;
	assert(!pv_async_pf_fault(1)); /* the page does not tell of one */
	refused_msr = MSR_KVM_ASYNC_PF_ACK;
	page()->token = 7;
	assert(pv_async_pf_interrupt() && !page()->token && last_msr == refused_msr);
	assert(!strcmp(said, "the host refused to have an async page fault acknowledged"));

	assert(end_of(fault) == TERM_NESTED && next_token == 2 + DEPTH_MAX);
	assert(!strcmp(said, "more async page faults than there is room for"));
	assert(waits[0].depth == DEPTH_MAX && pv_async_pf_waits() == DEPTH_MAX);
}

int main(void)
{
	test_pages();
	test_async_pf();
	return 0;
}
