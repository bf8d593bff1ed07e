/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Async page faults. The host lacks a page that we touched: it says so by #PF, with a token where
 * the address would be, and goes on with us; when it has the page it sends "page ready" with the
 * token by interrupt, and holds the next back until this one is acknowledged. In between whoever
 * touched the page sleeps, and interrupts do their work.
 * Spec: KVM-MSR, MSR_KVM_ASYNC_PF_EN. The host sends the #PF only where interrupts are on.
 * Does not: run another thread meanwhile, of which there is none.
 */
#include "abi/ghcb.h"
#include "abi/kvm_para.h"
#include "early/fatal.h"
#include "early/percpu.h"
#include "early/platform.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "paravirt/pv_ops.h"
#include "paravirt/pv_pages.h"

#define ACK 1

/* Pages waited for at once, each by a #PF inside an interrupt of the one before. */
#define DEPTH_MAX 4

static struct waits {
	u32 tokens[DEPTH_MAX]; /* 0: it is there */
	unsigned int depth;
	u64 count;
} waits[CPU_MAX];

static void wake_token(struct waits *w, u32 token)
{
	for (unsigned int i = 0; i < w->depth; i++)
		if (w->tokens[i] == token || token == KVM_ASYNC_PF_TOKEN_ALL)
			WRITE_ONCE(w->tokens[i], 0);
}

bool pv_async_pf_interrupt(void)
{
	struct kvm_vcpu_pv_apf_data *page = pv_page_registered(PV_PAGE_ASYNC_PF);
	u32 token;

	if (!page)
		return false;
	token = READ_ONCE(page->token);
	WRITE_ONCE(page->token, 0); /* before the acknowledgement, which brings the next */
	wake_token(&waits[cpu_index()], token);
	if (pv_msr_write(MSR_KVM_ASYNC_PF_ACK, ACK))
		log_error("the host refused to have an async page fault acknowledged");
	return token;
}

void pv_async_pf_catch_up(void)
{
	const struct kvm_vcpu_pv_apf_data *page = pv_page_registered(PV_PAGE_ASYNC_PF);

	if (page && READ_ONCE(page->token))
		pv_async_pf_interrupt();
}

/* Interrupts are off but in pv_halt(), so that none comes between the look and the sleep. */
static void wait_for_token(struct waits *w, u32 token)
{
	unsigned int own = w->depth;

	if (own == DEPTH_MAX)
		fatal(TERM_NESTED, "more async page faults than there is room for");
	w->tokens[own] = token;
	w->depth++;
	w->count++;
	while (READ_ONCE(w->tokens[own])) {
		pv_halt();
		cli();
	}
	w->depth--;
}

bool pv_async_pf_fault(u64 address)
{
	struct kvm_vcpu_pv_apf_data *page = pv_page_registered(PV_PAGE_ASYNC_PF);

	if (!page || cc_has(CC_STATE_ENCRYPTED) ||
	    READ_ONCE(page->flags) != KVM_PV_REASON_PAGE_NOT_PRESENT)
		return false;
	WRITE_ONCE(page->flags, 0);
	wait_for_token(&waits[cpu_index()], (u32)address);
	return true;
}

u64 pv_async_pf_waits(void)
{
	u64 count = 0;

	for (unsigned int cpu = 0; cpu < CPU_MAX; cpu++)
		count += READ_ONCE(waits[cpu].count);
	return count;
}
