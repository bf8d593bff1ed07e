/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Async page faults: the "page ready" interrupt. KVM sends one as soon as the page is registered,
 * and holds the next back until this one is acknowledged. Spec: KVM-MSR, MSR_KVM_ASYNC_PF_EN.
 * Does not: wait for a page; "not present" is sent to user mode only, of which there is none.
 */
#include "abi/kvm_para.h"
#include "lib/compiler.h"
#include "lib/log.h"
#include "paravirt/pv_ops.h"
#include "paravirt/pv_pages.h"
#include "paravirt/pv_pages_host.h"

#define ACK 1

bool pv_async_pf_interrupt(void)
{
	struct kvm_vcpu_pv_apf_data *page = pv_page_registered(PV_PAGE_ASYNC_PF);
	bool had_token;

	if (!page)
		return false;
	had_token = READ_ONCE(page->token);
	WRITE_ONCE(page->token, 0); /* before the acknowledgement, which brings the next */
	if (pv_msr_write(MSR_KVM_ASYNC_PF_ACK, ACK))
		log_error("the host refused to have an async page fault acknowledged");
	return had_token;
}
