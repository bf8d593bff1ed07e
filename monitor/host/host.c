/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See host.h.
 */
#include "monitor/host/host.h"

#include "monitor/host/async_pf.h"
#include "monitor/host/campaign.h"
#include "monitor/host/doorbell.h"
#include "monitor/host/ghcb.h"
#include "monitor/host/kvm.h"
#include "monitor/host/mailbox.h"
#include "monitor/host/msr_host.h"
#include "monitor/host/plain.h"
#include "monitor/host/port.h"
#include "monitor/host/port_guard.h"
#include "monitor/host/processor.h"
#include "monitor/host/quote.h"
#include "monitor/host/tdx_host.h"

static void enter(struct vcpu *v)
{
	quote_update(v);
	kvm_update(v);
}

static bool is_due(const struct vcpu *v, u64 *tsc)
{
	return quote_is_due(v, tsc) || async_pf_is_due(v, tsc);
}

static void woke(struct vcpu *v)
{
	quote_update(v);
	async_pf_update(v);
}

#define KVM                                                                                        \
	.exit = plain_exit, .vmmcall = plain_hypercall, .msr = msr_host, .vmgexit = ghcb_vmgexit,  \
	.can_tell = doorbell_can_tell, .tell = doorbell_tell, .tdvmcall = tdx_host_vmcall,         \
	.mmio_write = mmio_write_or_drop, .close_ports = port_guard_close, .is_told = kvm_is_told, \
	.touched = mailbox_touched, .page_fault = async_pf_start, .interrupt = kvm_interrupt,      \
	.ready = processor_ready, .enter = enter, .is_due = is_due, .woke = woke,                  \
	.stepped = campaign_stepped

const struct host_ops host_plain = {
	.undefined = plain_undefined,
	KVM,
};

/* The proof of a guest's choice needs a host that does not mend a wrong one. */
const struct host_ops host_kvm = {
	.undefined = plain_undefined_unmended,
	KVM,
};
