/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See async_pf.h.
 */
#include "monitor/host/async_pf.h"

#include "abi/kvm_para.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "monitor/machine/end.h"
#include "monitor/machine/lapic.h"
#include "monitor/machine/options.h"
#include "monitor/host/state.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/xapic.h"

#define NEEDED   (KVM_MSR_ENABLED | KVM_ASYNC_PF_SEND_ALWAYS | KVM_ASYNC_PF_DELIVERY_AS_INT)
#define ICR_SELF 0x40000

/* KVM's form: a count, and whose it is. */
#define TOKEN(count, id) ((count) << 12 | (id))

static struct kvm_vcpu_pv_apf_data *page(const struct vcpu *v)
{
	return page_of_host(v->host->kvm.async_pf & ~U64_C(0x3f),
			    sizeof(struct kvm_vcpu_pv_apf_data));
}

/* An APIC that is off takes none, and KVM then waits for an acknowledgement all the same. */
static void send_ready(struct vcpu *v, struct kvm_vcpu_pv_apf_data *data, u32 token)
{
	WRITE_ONCE(data->token, token);
	v->host->kvm.async_pf_unacked = true;
	if (lapic_read(APIC_SVR) & APIC_SVR_ENABLE)
		xapic_command(v, ICR_SELF | (u32)(v->host->kvm.async_pf_int & 0xff), 0);
	TRACE(v->id, INJECT, "async-pf=ready token=%#x", token);
}

int async_pf_enable(struct vcpu *v)
{
	struct kvm_vcpu_pv_apf_data *data;

	v->host->kvm.async_pf_token = 0;
	if (!(v->host->kvm.async_pf & KVM_MSR_ENABLED))
		return 0;
	data = page(v);
	if (!data)
		return -E_FAULT;
	*data = (struct kvm_vcpu_pv_apf_data){ 0 };
	if (v->host->kvm.async_pf & KVM_ASYNC_PF_DELIVERY_AS_INT)
		send_ready(v, data, KVM_ASYNC_PF_TOKEN_ALL);
	return 0;
}

/* As KVM: where the host may change CR2, and the guest could take an interrupt. */
static bool can_start(const struct vcpu *v, u64 gpa, u64 info)
{
	return guest.inject[INJECT_ASYNC_PF] > 0 && guest.hardware->is_state_open &&
	       !v->host->kvm.async_pf_token &&
	       gpa >> PAGE_SHIFT != v->host->kvm.async_pf_gpa >> PAGE_SHIFT &&
	       (v->host->kvm.async_pf & NEEDED) == NEEDED && !(info & NPF_TABLE_WALK) &&
	       page_class(gpa) == PAGE_RAM && v->vmcb->save.rflags & RFLAGS_IF &&
	       !(v->vmcb->control.int_state & VMCB_INT_SHADOW) && !inject_pending(v) &&
	       !(v->vmcb->control.exit_int_info & EVENT_VALID);
}

bool async_pf_start(struct vcpu *v, u64 gpa, u64 info)
{
	static u32 count;
	struct kvm_vcpu_pv_apf_data *data;

	if (!can_start(v, gpa, info))
		return false;
	data = page(v);
	if (!data || READ_ONCE(data->flags))
		return false;
	v->host->kvm.async_pf_token = TOKEN(++count, v->id);
	v->host_is_due = true;
	v->host->kvm.async_pf_due = rdtsc() + guest.tsc_khz * (u64)guest.inject[INJECT_ASYNC_PF];
	v->host->kvm.async_pf_gpa = gpa;
	WRITE_ONCE(data->flags, KVM_PV_REASON_PAGE_NOT_PRESENT);
	v->vmcb->save.cr2 = v->host->kvm.async_pf_token;
	TRACE(v->id, INJECT, "async-pf=not-present token=%#x gpa=%#lx", v->host->kvm.async_pf_token,
	      gpa);
	inject_exception_error(v, VEC_PF, 0);
	return true;
}

void async_pf_update(struct vcpu *v)
{
	struct kvm_vcpu_pv_apf_data *data;

	if (!v->host->kvm.async_pf_token || v->host->kvm.async_pf_unacked ||
	    rdtsc() < v->host->kvm.async_pf_due)
		return;
	data = page(v);
	if (data)
		send_ready(v, data, v->host->kvm.async_pf_token);
	v->host->kvm.async_pf_token = 0;
}

bool async_pf_is_due(const struct vcpu *v, u64 *tsc)
{
	*tsc = v->host->kvm.async_pf_due;
	return v->host->kvm.async_pf_token && !v->host->kvm.async_pf_unacked;
}
