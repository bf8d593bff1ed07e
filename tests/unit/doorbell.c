/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The #HV doorbell page: the host is told of it and must agree; what it tells is taken once and
 * checked, each part when it may be taken; what no host can have to tell ends the guest.
 * RUN: %unit-cc -include %S/Inputs/ghcb-host.h %s %S/Inputs/ghcb-host.c %root/early/ghcb_msr.c \
 * RUN:   %root/paravirt/ghcb.c -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

static u64 sev_status;
static unsigned int raised;

static u64 status_rdmsr(u32 msr) { return msr == 0xc0010131 ? sev_status : fake_rdmsr(msr); }
static void fake_raise_hv(void) { raised++; }

#undef rdmsr
#define rdmsr    status_rdmsr
#define raise_hv fake_raise_hv
#include "../../paravirt/doorbell.c"
#include "Inputs/no-end.h"

void (*irq_after_enable)(void);
struct percpu percpus[CPU_MAX];

static u64 answer;

static void host(struct ghcb *g)
{
	assert(g->save.sw_exit_code == SVM_VMGEXIT_HV_DOORBELL_PAGE);
	assert(g->save.sw_exit_info_1 == HV_DOORBELL_SET);
	host_answer(g, 0, answer ? answer : g->save.sw_exit_info_2);
}

static void setup(void)
{
	host_setup();
	host_page = host;
	percpus[0].doorbell = NULL;
	doorbell_setup();
}

static void take_signal(void) { (void)doorbell_take_signal(true); }
static void take_vector(void) { (void)doorbell_take_vector(); }

static void expect_end(u16 event)
{
	pages[0].pending_event = event;
	assert(host_terminates(take_signal) == TERM_RESPONSE);
	pages[0].pending_event = event;
	assert(host_terminates(take_vector) == TERM_RESPONSE);
}

static void test_setup(void)
{
	unsigned int before = host_page_exits;

	setup();
	assert(!doorbell_is_on() && host_page_exits == before && !irq_after_enable);
	assert(!doorbell_setup_other() && !doorbell_eoi_consume());
	sev_status = SEV_STATUS_RESTRICTED_INJECTION;
	host_setup();
	host_shares_nothing = true;
	assert(host_terminates(doorbell_setup) == TERM_PSC && !percpus[0].doorbell);
	host_shares_nothing = false;
	answer = HV_DOORBELL_NONE;
	assert(host_terminates(setup) == TERM_REGISTER && !percpus[0].doorbell);
	assert(doorbell_setup_other() == -E_PERM && !percpus[0].doorbell);
	answer = 0;
	assert(host_terminates(setup) == -1 && percpus[0].doorbell == &pages[0]);
	assert(doorbell_is_on() && irq_after_enable);
}

static void test_take(void)
{
	u16 *event = &pages[0].pending_event;

	irq_after_enable();
	assert(!raised);
	*event = 0x51 | HV_EVENT_NMI | HV_EVENT_NO_FURTHER_SIGNAL;
	irq_after_enable();
	assert(raised == 1);
	assert(!doorbell_take_signal(false) && *event == (0x51 | HV_EVENT_NMI));
	assert(doorbell_take_signal(true) && *event == 0x51);
	assert(!doorbell_take_signal(true) && *event == 0x51);
	*event |= HV_EVENT_NMI;
	assert(doorbell_take_vector() == 0x51 && *event == HV_EVENT_NMI);
	assert(!doorbell_take_vector());
}

static void test_eoi(void)
{
	pages[0].no_eoi_required = HV_NO_EOI_REQUIRED;
	assert(doorbell_eoi_consume() && !pages[0].no_eoi_required && !doorbell_eoi_consume());
	pages[0].no_eoi_required = 2;
	assert(!doorbell_eoi_consume());
}

int main(void)
{
	test_setup();
	test_take();
	test_eoi();
	expect_end(VEC_GP);
	expect_end(VEC_HV);
	expect_end(31);
	expect_end(HV_EVENT_MC);
	expect_end(HV_EVENT_MC | 0x51);
	expect_end(BIT(10));
	expect_end(BIT(14) | HV_EVENT_NMI);
	puts("ok");
	return 0;
}
