/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See tdx_call.h. The model knows the leaves; here are the registers, the machine behind them and
 * what follows for the processor.
 */
#include "monitor/hardware/tdx_call.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/string.h"
#include "monitor/machine/end.h"
#include "monitor/hardware/tdx_cpuid.h"
#include "monitor/host/tdx_vmcall.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/intr.h"
#include "monitor/host/kvm.h"
#include "monitor/svm/lie.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/pages.h"
#include "monitor/host/port.h"
#include "monitor/svm/stop.h"
#include "monitor/hardware/tdx_ve.h"
#include "monitor/svm/walk.h"
#include "monitor/svm/x2apic.h"

#define MSR_FEATURE_CONTROL    0x3a
#define FEATURE_CONTROL_LOCKED BIT(0)

static bool is_memory(u64 gpa, size_t size)
{
	u64 last = gpa + size - 1;

	if (page_class(gpa) != PAGE_RAM || page_class(last) != PAGE_RAM)
		return false;
	page_poison(align_down(gpa, (u64)PAGE_SIZE), PAGE_SIZE);
	page_poison(align_down(last, (u64)PAGE_SIZE), PAGE_SIZE);
	return true;
}

static int machine_read(void *context, u64 gpa, void *data, size_t size)
{
	(void)context;
	if (!is_memory(gpa, size))
		return -E_FAULT;
	memcpy(data, (const void *)page_host(gpa), size);
	return 0;
}

static int machine_write(void *context, u64 gpa, const void *data, size_t size)
{
	(void)context;
	if (!is_memory(gpa, size))
		return -E_FAULT;
	memcpy((void *)page_host(gpa), data, size);
	return 0;
}

static void machine_accepted(void *context, u64 gpa, u64 size)
{
	(void)context;
	npt_unmap(&guest.npt, gpa, size); /* its zeroes come when it is touched */
}

static void machine_converted(void *context, u64 gpa, u64 size, bool private)
{
	(void)context;
	npt_unmap(&guest.npt, gpa, size);
	if (!private)
		page_share(gpa, size);
}

bool tdx_call_cpuid(struct vcpu *v, const struct tdx_vcpu *vcpu, u32 leaf, u32 subleaf,
		    struct cpuid_values *values)
{
	const struct tdx_cpuid cpuid = {
		.td = &guest.td,
		.vcpu = vcpu,
		.base = &guest.cpuid,
		/* XCR0 is live in the processor */
		.cpu = { .apic_id = v->apic_id, .cr4 = v->vmcb->save.cr4, .xcr0 = xgetbv(0) },
		.tsc_khz = guest.tsc_khz,
		.cpl = v->vmcb->save.cpl,
		.is_64bit = vcpu_long_mode(v),
		.leaf = leaf,
		.subleaf = subleaf,
	};

	return tdx_cpuid(&cpuid, values);
}

/* What the host configured is what the module answers; it has none of the leaves left to it. */
static struct cpuid_values machine_cpuid(void *context, u32 leaf, u32 subleaf)
{
	static const struct tdx_vcpu asks_for_none;
	struct cpuid_values values;

	if (leaf >> 16 == CPUID_HYPERVISOR_BASE >> 16)
		return cpuid_get(&guest.cpuid, &(struct cpuid_cpu){ 0 }, leaf, subleaf);
	if (tdx_call_cpuid(context, &asks_for_none, leaf, subleaf, &values))
		return values;
	return (struct cpuid_values){ 0 };
}

static u32 machine_port_in(void *context, u16 port, unsigned int size)
{
	return port_in(context, port, size);
}

static void machine_port_out(void *context, u16 port, unsigned int size, u32 value)
{
	port_out(context, port, size, value);
}

/* tdx_vmcall_has_msr() let it through. */
static int host_msr_read(struct vcpu *v, struct msr_access *a)
{
	switch (a->msr) {
	case MSR_FEATURE_CONTROL: a->value = FEATURE_CONTROL_LOCKED; return 0;
	case MSR_EFER: return msr_efer(v, a);
	case MSR_APIC_BASE:
		a->value = rdmsr(MSR_APIC_BASE) | APIC_BASE_EXTD | APIC_BASE_ENABLE;
		return 0;
	default: return msr_host_read(v, a->msr, &a->value);
	}
}

static int host_msr(struct vcpu *v, struct msr_access *a)
{
	if (x2apic_is_msr(a->msr))
		return x2apic_access(v, a);
	return a->write ? msr_host_write(v, a->msr, a->value) : host_msr_read(v, a);
}

static int machine_msr_read(void *context, u32 msr, u64 *value)
{
	struct msr_access a = { .msr = msr };
	int error = host_msr(context, &a);

	*value = a.value;
	return error;
}

static int machine_msr_write(void *context, u32 msr, u64 value)
{
	struct msr_access a = { .msr = msr, .write = true, .value = value };

	return host_msr(context, &a);
}

static int machine_mmio_read(void *context, u64 gpa, unsigned int size, u64 *value)
{
	(void)context;
	return mmio_read(gpa, size, value);
}

static int machine_mmio_write(void *context, u64 gpa, unsigned int size, u64 value)
{
	return mmio_write(context, gpa, size, value);
}

static s64 machine_hypercall(void *context, const struct kvm_hypercall *call)
{
	return (s64)kvm_hypercall(context, call);
}

const struct tdx_machine tdx_machine = {
	.read = machine_read,
	.write = machine_write,
	.accepted = machine_accepted,
	.converted = machine_converted,
	.cpuid = machine_cpuid,
	.port_in = machine_port_in,
	.port_out = machine_port_out,
	.msr_read = machine_msr_read,
	.msr_write = machine_msr_write,
	.mmio_read = machine_mmio_read,
	.mmio_write = machine_mmio_write,
	.hypercall = machine_hypercall,
};

static void put_registers(struct vcpu *v, const u64 *gpr)
{
	for (unsigned int i = 0; i < TDX_GPR_COUNT; i++)
		*vcpu_reg(v, i) = gpr[i];
}

/* The guest is past the call; an interrupt ends the wait and is delivered there. */
static void halt(struct vcpu *v, bool irq_blocked)
{
	if (irq_blocked || v->vmcb->save.rflags & RFLAGS_IF)
		intr_halt(v, !irq_blocked);
	else
		intr_sleep(v);
}

static void vmcall(struct vcpu *v, struct tdx_call *call, const struct insn *insn)
{
	struct tdx_vmcall r = tdx_vmcall(call);

	TRACE(v->id, TDVMCALL,
	      "function=%#lx a0=%#lx a1=%#lx a2=%#lx a3=%#lx rax=%#lx r10=%#lx r11=%#lx rip=%#lx "
	      "insn=0x%lx",
	      r.function, r.args[0], r.args[1], r.args[2], r.args[3], r.rax, r.status,
	      call->gpr[TDX_R11], v->vmcb->save.rip, walk_opcode(v, 0));
	if (r.action == TDX_VMCALL_FATAL)
		stop_fatal(v, r.fatal_code, r.message);
	put_registers(v, call->gpr);
	vcpu_skip(v, insn->length);
	if (r.action == TDX_VMCALL_HALT)
		halt(v, r.irq_blocked);
}

void tdx_call(struct vcpu *v, const struct insn *insn)
{
	u64 gpr[TDX_GPR_COUNT], rcx, rdx;
	struct tdx_call call = {
		.td = &guest.td,
		.vcpu = &v->td,
		.context = v,
		.gpr = gpr,
		.cpl = v->vmcb->save.cpl,
		.is_64bit = vcpu_long_mode(v) && v->vmcb->save.cs.attrib & SEG_ATTRIB_L,
	};
	struct tdx_result r;

	v->td.no_call_info = lie_setup_fails(v);
	for (unsigned int i = 0; i < TDX_GPR_COUNT; i++)
		gpr[i] = *vcpu_reg(v, i);
	rcx = gpr[TDX_RCX];
	rdx = gpr[TDX_RDX];
	r = tdx_tdcall(&call);
	switch (r.outcome) {
	case TDX_OUTCOME_VMCALL: vmcall(v, &call, insn); return;
	case TDX_OUTCOME_GP: inject_exception_error(v, VEC_GP, 0); return;
	case TDX_OUTCOME_VE: tdx_ve(v, &r.ve); return;
	case TDX_OUTCOME_VIOLATION:
		stop_violation(v, r.violation, "gpa=%#lx leaf=%#lx", r.gpa, v->vmcb->save.rax);
	case TDX_OUTCOME_RESUME: break;
	}
	TRACE(v->id, TDCALL,
	      "leaf=%#lx rcx=%#lx rdx=%#lx status=%#lx result=%#lx,%#lx,%#lx rip=%#lx",
	      v->vmcb->save.rax, rcx, rdx, gpr[TDX_RAX], gpr[TDX_RCX], gpr[TDX_RDX], gpr[TDX_R8],
	      v->vmcb->save.rip);
	put_registers(v, gpr);
	vcpu_skip(v, insn->length);
}
