/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See tdx_call.h. tdx_td.c knows the leaves; here are the registers, the machine behind them and
 * what follows for the processor.
 */
#include "monitor/hardware/tdx_call.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/string.h"
#include "monitor/machine/end.h"
#include "monitor/hardware/tdx_cpuid.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/denied.h"
#include "monitor/svm/host_ops.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/lie.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/profile.h"
#include "monitor/svm/stop.h"
#include "monitor/hardware/tdx_ve.h"
#include "monitor/svm/exit_context.h"

/* Neither a page's neighbour nor what the machine has behind it is the guest's for that reason. */
static bool is_memory(u64 gpa, size_t size)
{
	for (u64 at = gpa; at < gpa + size; at = align_down(at, (u64)PAGE_SIZE) + PAGE_SIZE) {
		if (page_class(at) != PAGE_RAM)
			return false;
		page_poison(align_down(at, (u64)PAGE_SIZE), PAGE_SIZE);
	}
	return true;
}

/* Where @gpa is, and how much of @size is in the same page. */
static u8 *piece(u64 gpa, size_t size, size_t *length)
{
	size_t left = PAGE_SIZE - gpa % PAGE_SIZE;

	*length = size < left ? size : left;
	return page_pointer(gpa);
}

static int machine_read(void *context, u64 gpa, void *data, size_t size)
{
	(void)context;
	if (!is_memory(gpa, size))
		return -E_FAULT;
	for (size_t done = 0, length; done < size; done += length) {
		const u8 *from = piece(gpa + done, size - done, &length);

		memcpy((u8 *)data + done, from, length);
	}
	return 0;
}

static int machine_write(void *context, u64 gpa, const void *data, size_t size)
{
	(void)context;
	if (!is_memory(gpa, size))
		return -E_FAULT;
	for (size_t done = 0, length; done < size; done += length) {
		u8 *to = piece(gpa + done, size - done, &length);

		memcpy(to, (const u8 *)data + done, length);
	}
	return 0;
}

static void machine_accepted(void *context, u64 gpa, u64 size)
{
	(void)context;
	npt_unmap(&guest.npt, gpa, size); /* its zeroes come when it is touched */
}

bool tdx_call_cpuid(struct vcpu *v, const struct tdx_vcpu *vcpu, u32 leaf, u32 subleaf,
		    struct cpuid_values *values)
{
	const struct tdx_cpuid cpuid = {
		.td = &hardware.td,
		.vcpu = vcpu,
		.base = &hardware.cpuid,
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

const struct tdx_machine tdx_machine = {
	.read = machine_read,
	.write = machine_write,
	.accepted = machine_accepted,
};

void tdx_call_registers(struct vcpu *v, const u64 *gpr)
{
	for (unsigned int i = 0; i < TDX_GPR_COUNT; i++)
		*vcpu_reg(v, i) = gpr[i];
}

void tdx_call(struct vcpu *v)
{
	u64 gpr[TDX_GPR_COUNT], rcx, rdx;
	struct tdx_call call = {
		.td = &hardware.td,
		.vcpu = &v->hardware->td,
		.context = v,
		.gpr = gpr,
		.cpl = v->vmcb->save.cpl,
		.is_64bit = vcpu_is_64bit(v),
	};
	struct tdx_result r;

	v->hardware->td.no_call_info = lie_setup_fails(v);
	for (unsigned int i = 0; i < TDX_GPR_COUNT; i++)
		gpr[i] = *vcpu_reg(v, i);
	rcx = gpr[TDX_RCX];
	rdx = gpr[TDX_RDX];
	profile_asked(v, EVENT_TDCALL, gpr[TDX_RAX]);
	r = tdx_tdcall(&call);
	switch (r.outcome) {
	case TDX_OUTCOME_VMCALL: guest.host->tdvmcall(v, &call); return;
	case TDX_OUTCOME_GP: inject_exception_error(v, VEC_GP, 0); return;
	case TDX_OUTCOME_VE: tdx_ve(v, &r.ve); return;
	case TDX_OUTCOME_VIOLATION:
		stop_violation(v, denied_or(r.violation, r.gpa), "gpa=%#lx leaf=%#lx", r.gpa,
			       v->vmcb->save.rax);
	case TDX_OUTCOME_RESUME: break;
	}
	TRACE(v->id, TDCALL,
	      "leaf=%#lx rcx=%#lx rdx=%#lx status=%#lx result=%#lx,%#lx,%#lx rip=%#lx",
	      v->vmcb->save.rax, rcx, rdx, gpr[TDX_RAX], gpr[TDX_RCX], gpr[TDX_RDX], gpr[TDX_R8],
	      v->vmcb->save.rip);
	tdx_call_registers(v, gpr);
	exit_finish(v);
}
