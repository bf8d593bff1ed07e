/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See tdx_host.h.
 */
#include "monitor/host/tdx_host.h"

#include "abi/vmx.h"
#include "lib/cpu.h"
#include "monitor/hardware/tdx_call.h"
#include "monitor/host/kvm.h"
#include "monitor/host/campaign.h"
#include "monitor/host/liar.h"
#include "monitor/host/msr_host.h"
#include "monitor/host/port.h"
#include "monitor/host/quote.h"
#include "monitor/host/tdx_vmcall.h"
#include "monitor/machine/end.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/intr.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/profile.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/exit_context.h"
#include "monitor/svm/x2apic.h"
#include "monitor/hardware/msr.h"

static void host_converted(void *context, u64 gpa, u64 size, bool private)
{
	(void)context;
	page_changed(&guest.npt, gpa, size, private);
}

/*
 * What the host configured is what the module answers. Of the leaves left to the host it has those
 * of the topology, by which firmware that has no APIC yet tells its processors apart.
 */
static struct cpuid_values host_cpuid(void *context, u32 leaf, u32 subleaf)
{
	static const struct tdx_vcpu asks_for_none;
	const struct cpuid_cpu cpu = { .apic_id = ((struct vcpu *)context)->apic_id };
	struct cpuid_values values;

	if (leaf >> 16 == CPUID_HYPERVISOR_BASE >> 16)
		return cpuid_get(&hardware.cpuid, &cpu, leaf, subleaf);
	if (leaf == CPUID_TOPOLOGY || leaf == CPUID_TOPOLOGY_2)
		return cpuid_get(&hardware.cpuid, &cpu, CPUID_TOPOLOGY, subleaf);
	if (tdx_call_cpuid(context, &asks_for_none, leaf, subleaf, &values))
		return values;
	return (struct cpuid_values){ 0 };
}

static u32 host_port_in(void *context, u16 port, unsigned int size)
{
	return port_in(context, port, size);
}

static void host_port_out(void *context, u16 port, unsigned int size, u32 value)
{
	port_out(context, port, size, value);
}

/* tdx_vmcall_has_msr() let it through. */
static int msr_read(struct vcpu *v, struct msr_access *a)
{
	switch (a->msr) {
	case MSR_FEATURE_CONTROL: a->value = FEATURE_CONTROL_LOCK; return 0;
	case MSR_EFER: return msr_efer(v, a);
	default: return msr_host_read(v, a->msr, &a->value);
	}
}

static int host_msr(struct vcpu *v, struct msr_access *a)
{
	if (x2apic_is_msr(a->msr))
		return a->write ? x2apic_write(v, a->msr, a->value)
				: x2apic_read(v, a->msr, &a->value);
	return a->write ? msr_host_write(v, a->msr, a->value) : msr_read(v, a);
}

static int host_msr_read(void *context, u32 msr, u64 *value)
{
	struct msr_access a = { .msr = msr };
	int error = host_msr(context, &a);

	*value = a.value;
	return error;
}

static int host_msr_write(void *context, u32 msr, u64 value)
{
	struct msr_access a = { .msr = msr, .write = true, .value = value };

	return host_msr(context, &a);
}

static int host_mmio_read(void *context, u64 gpa, unsigned int size, u64 *value)
{
	return mmio_read(context, gpa, size, value);
}

static int host_mmio_write(void *context, u64 gpa, unsigned int size, u64 value)
{
	return mmio_write(context, gpa, size, value);
}

static struct tdx_quote_request *host_quote(void *context) { return quote_slot(context); }

static s64 host_hypercall(void *context, const struct kvm_hypercall *call)
{
	return (s64)kvm_hypercall(context, call);
}

static const struct tdx_host tdx_host = {
	.converted = host_converted,
	.cpuid = host_cpuid,
	.port_in = host_port_in,
	.port_out = host_port_out,
	.msr_read = host_msr_read,
	.msr_write = host_msr_write,
	.mmio_read = host_mmio_read,
	.mmio_write = host_mmio_write,
	.quote = host_quote,
	.hypercall = host_hypercall,
};

/* The guest is past the call; an interrupt ends the wait and is delivered there. */
static void halt(struct vcpu *v, bool irq_blocked)
{
	if (irq_blocked || v->vmcb->save.rflags & RFLAGS_IF)
		intr_halt(v, !irq_blocked);
	else
		intr_sleep(v);
}

void tdx_host_vmcall(struct vcpu *v, struct tdx_call *call)
{
	struct tdx_vmcall r = tdx_vmcall(call, &tdx_host);

	profile_asked(v, EVENT_TDVMCALL, r.function);
	if (r.function == TDVMCALL_IO && liar_refuses_ports())
		call->gpr[TDX_R10] = TDVMCALL_STATUS_INVALID_OPERAND;
	liar_after(v, true);
	if (campaigning)
		campaign_tdvmcall(v, &r, call->gpr);
	TRACE(v->id, TDVMCALL,
	      "function=%#lx a0=%#lx a1=%#lx a2=%#lx a3=%#lx rax=%#lx r10=%#lx r11=%#lx rip=%#lx "
	      "insn=0x%lx",
	      r.function, r.args[0], r.args[1], r.args[2], r.args[3], r.rax, r.status,
	      call->gpr[TDX_R11], v->vmcb->save.rip, exit_opcode(v));
	if (r.action == TDX_VMCALL_FATAL && !liar_hears_no_end())
		stop_fatal(v, r.fatal_code, r.message);
	tdx_call_registers(v, call->gpr);
	exit_finish(v);
	if (r.action == TDX_VMCALL_HALT)
		halt(v, r.irq_blocked);
}
