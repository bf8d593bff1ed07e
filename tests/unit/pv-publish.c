/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which table is in force after every processor's set-up, whatever failed: the plainer one only
 * where there is one, after everything was taken back by the table that gave it; never by a guest
 * that has something to protect, which ends, or does without the page that was refused.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "early/platform.h"
#include "paravirt/pv_ops.h"

static noreturn_t fake_terminate(unsigned int reason);

#define pv_terminate fake_terminate
#include "../../paravirt/pv_publish.c"

struct pv_ops pv_ops;
struct platform platform;

static const struct pv_ops plain = { .name = "plain" };
static const struct pv_ops with_plainer = { .name = "kvm", .plainer = &plain };
static const struct pv_ops without = { .name = "sev" };

static u32 refused, taken_back;
static bool by_first_table, became_plain;
static jmp_buf ended;
static unsigned int reason_of_end;

static noreturn_t fake_terminate(unsigned int reason)
{
	reason_of_end = reason;
	longjmp(ended, 1);
}

void log_error(const char *fmt, ...) { (void)fmt; }
void log_info(const char *fmt, ...) { (void)fmt; }
u32 pv_pages_refused(void) { return refused; }
void platform_become_plain(void) { became_plain = true; }

void pv_pages_take_back(u32 which, const struct cpus_services *services)
{
	assert(services && !taken_back);
	taken_back = which;
	by_first_table = strcmp(pv_ops.name, "plain") && !became_plain;
}

/* Whether it goes on. */
static bool publish(const struct pv_ops *table, unsigned int failed, u32 pages)
{
	const struct cpus_services services = { .failed = failed };

	pv_ops = *table;
	refused = pages;
	taken_back = 0;
	by_first_table = became_plain = false;
	if (setjmp(ended))
		return false;
	pv_publish(&services);
	return true;
}

static bool stays(const struct pv_ops *table)
{
	return pv_ops.name == table->name && !became_plain;
}

static bool fell_back(void)
{
	return pv_ops.name == plain.name && became_plain && by_first_table &&
	       taken_back == PV_PAGES_ALL;
}

int main(void)
{
	const u32 clock = BIT(PV_PAGE_CLOCK), steal = BIT(PV_PAGE_STEAL_TIME);

	assert(publish(&with_plainer, 0, 0) && stays(&with_plainer) && !taken_back);
	assert(publish(&without, 0, 0) && stays(&without) && !taken_back);

	assert(publish(&with_plainer, 0, steal) && stays(&with_plainer) && taken_back == steal);
	assert(publish(&without, 0, steal) && stays(&without) && taken_back == steal);

	assert(publish(&with_plainer, 0, clock) && fell_back());
	assert(publish(&with_plainer, 0, clock | steal) && fell_back());
	assert(publish(&without, 0, clock) && stays(&without) && taken_back == clock);

	assert(publish(&with_plainer, 3, 0) && fell_back());
	assert(!publish(&without, 3, 0) && reason_of_end == GHCB_TERM_CPU_SETUP);
	assert(!publish(&without, 3, clock) && stays(&without) && !taken_back);
	return 0;
}
