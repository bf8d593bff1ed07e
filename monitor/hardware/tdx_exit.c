/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See tdx_exit.h. What the module lets the processor do is done here.
 */
#include "monitor/hardware/tdx_exit.h"

#include "abi/tdx.h"
#include "lib/compiler.h"
#include "monitor/hardware/msr.h"
#include "monitor/hardware/state.h"
#include "monitor/hardware/tdx_call.h"
#include "monitor/hardware/tdx_msr.h"
#include "monitor/hardware/tdx_ve.h"
#include "monitor/machine/end.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/x2apic.h"

/* What the module lets the processor do. */
static int native_msr(struct vcpu *v, struct msr_access *a)
{
	if (x2apic_is_msr(a->msr))
		return a->write ? x2apic_write(v, a->msr, a->value)
				: x2apic_read(v, a->msr, &a->value);
	switch (a->msr) {
	case MSR_EFER: return msr_efer(v, a);
	case MSR_TSC:
	case MSR_TSC_AUX:
	case MSR_XSS:
	case MSR_DEBUGCTL: return msr_own(v, a);
	default: a->value = 0; return 0; /* mitigations that an emulated processor needs not */
	}
}

void tdx_exit_msr(struct vcpu *v, const struct msr_access *access)
{
	struct msr_access a = *access;
	u64 efer = v->vmcb->save.efer & ~(u64)EFER_SVME;
	enum tdx_register_action action =
		a.write ? tdx_msr_write(&hardware.td, a.msr, a.value, efer)
			: tdx_msr_read(a.msr, &a.value);
	int error = 0;

	if (action == TDX_REGISTER_VE) {
		tdx_ve_insn(v, a.write ? VMX_EXIT_MSR_WRITE : VMX_EXIT_MSR_READ);
		return;
	}
	if (action == TDX_REGISTER_GP)
		error = -E_INVAL;
	else if (action == TDX_REGISTER_NATIVE)
		error = native_msr(v, &a);
	TRACE(v->id, MSR, "dir=%s msr=%#x value=%#lx result=%d", a.write ? "write" : "read", a.msr,
	      a.value, error);
	msr_finish(v, &a, error);
}

bool tdx_exit_write_cr(struct vcpu *v, unsigned int cr, u64 value, const struct insn *insn)
{
	switch (cr ? tdx_cr4_write(&hardware.td, value) : tdx_cr0_write(value)) {
	case TDX_REGISTER_VE: tdx_ve_cr(v, cr, insn); return false;
	case TDX_REGISTER_GP: inject_exception_error(v, VEC_GP, 0); return false;
	default: return true;
	}
}

void tdx_exit_undefined(struct vcpu *v, const struct insn *insn)
{
	switch (insn->kind) {
	case INSN_TDCALL: tdx_call(v); return;
	case INSN_VMCALL:
		TRACE(v->id, VMCALL, "rax=%#lx rip=%#lx", v->vmcb->save.rax, v->vmcb->save.rip);
		tdx_ve_insn(v, VMX_EXIT_VMCALL);
		return;
	default: inject_exception(v, VEC_UD); return;
	}
}

static void cpuid_exit(struct vcpu *v)
{
	u32 leaf = (u32)v->vmcb->save.rax, subleaf = (u32)v->gpr[REG_RCX];
	struct cpuid_values r;

	if (!tdx_call_cpuid(v, &v->hardware->td, leaf, subleaf, &r)) {
		tdx_ve_insn(v, VMX_EXIT_CPUID);
		return;
	}
	TRACE(v->id, CPUID, "leaf=%#x subleaf=%#x eax=%#x ebx=%#x ecx=%#x edx=%#x", leaf, subleaf,
	      r.eax, r.ebx, r.ecx, r.edx);
	v->vmcb->save.rax = r.eax;
	v->gpr[REG_RBX] = r.ebx;
	v->gpr[REG_RCX] = r.ecx;
	v->gpr[REG_RDX] = r.edx;
	exit_finish(v);
}

static void instruction_exit(struct vcpu *v, u32 reason)
{
	switch (tdx_instruction(reason)) {
	case TDX_REGISTER_VE: tdx_ve_insn(v, reason); return;
	case TDX_REGISTER_GP: inject_exception_error(v, VEC_GP, 0); return;
	default: inject_exception(v, VEC_UD); return;
	}
}

void tdx_exit_host(struct vcpu *v, u64 code)
{
	static const struct {
		u16 exit;
		u16 reason;
	} reasons[] = {
		{ SVM_EXIT_HLT, VMX_EXIT_HLT },     { SVM_EXIT_INVD, VMX_EXIT_INVD },
		{ SVM_EXIT_RDPMC, VMX_EXIT_RDPMC }, { SVM_EXIT_MONITOR, VMX_EXIT_MONITOR },
		{ SVM_EXIT_MWAIT, VMX_EXIT_MWAIT }, { SVM_EXIT_WBINVD, VMX_EXIT_WBINVD },
	};

	if (code == SVM_EXIT_CPUID) {
		cpuid_exit(v);
		return;
	}
	if (code == SVM_EXIT_IOIO) {
		tdx_ve_io(v);
		return;
	}
	for (unsigned int i = 0; i < array_count(reasons); i++)
		if (reasons[i].exit == code) {
			instruction_exit(v, reasons[i].reason);
			return;
		}
	stop_crashed(v, "an exit that nobody handles");
}
