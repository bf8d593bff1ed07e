/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See plain.h.
 */
#include "monitor/host/plain.h"

#include "lib/cpu.h"
#include "monitor/machine/end.h"
#include "monitor/host/msr_host.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/intr.h"
#include "monitor/svm/exit_context.h"
#include "monitor/host/kvm.h"
#include "monitor/host/port.h"
#include "monitor/svm/stop.h"

static void hypercall(struct vcpu *v)
{
	struct kvm_hypercall call = {
		.nr = v->vmcb->save.rax,
		.args = { v->gpr[REG_RBX], v->gpr[REG_RCX], v->gpr[REG_RDX], v->gpr[REG_RSI] },
		.cpl = v->vmcb->save.cpl,
		.is_64bit = vcpu_long_mode(v),
	};

	v->vmcb->save.rax = kvm_hypercall(v, &call);
	exit_finish(v);
}

void plain_hypercall(struct vcpu *v, const struct insn *insn)
{
	if (insn->kind == INSN_VMCALL)
		TRACE_OPEN(v->id, VMCALL, "insn=0x%06lx", exit_opcode(v));
	else
		TRACE_OPEN(v->id, VMMCALL, "insn=0x%06lx", exit_opcode(v));
	hypercall(v);
	TRACE_CLOSE("length=%u", insn->length);
}

void plain_undefined(struct vcpu *v, const struct insn *insn)
{
	if (insn->kind == INSN_VMCALL)
		plain_hypercall(v, insn);
	else
		inject_exception(v, VEC_UD);
}

void plain_undefined_unmended(struct vcpu *v, const struct insn *insn)
{
	(void)insn;
	inject_exception(v, VEC_UD);
}

static void cpuid_exit(struct vcpu *v)
{
	struct cpuid_cpu cpu = {
		.apic_id = v->apic_id,
		.apic_off = !(v->apic_base & APIC_BASE_ENABLE),
		.cr4 = v->vmcb->save.cr4,
		.xcr0 = xgetbv(0), /* live in the processor */
	};
	u64 *rax = &v->vmcb->save.rax;
	u32 leaf = (u32)*rax, subleaf = (u32)v->gpr[REG_RCX];
	struct cpuid_values r;

	r = cpuid_get(&hardware.cpuid, &cpu, leaf, subleaf);
	TRACE(v->id, CPUID, "leaf=%#x subleaf=%#x eax=%#x ebx=%#x ecx=%#x edx=%#x", leaf, subleaf,
	      r.eax, r.ebx, r.ecx, r.edx);
	*rax = r.eax;
	v->gpr[REG_RBX] = r.ebx;
	v->gpr[REG_RCX] = r.ecx;
	v->gpr[REG_RDX] = r.edx;
	exit_finish(v);
}

static void tsc_exit(struct vcpu *v)
{
	u64 tsc = vcpu_tsc(v);

	v->vmcb->save.rax = (u32)tsc;
	v->gpr[REG_RDX] = tsc >> 32;
	if (exit_insn(v)->kind == INSN_RDTSCP)
		v->gpr[REG_RCX] = (u32)v->hardware->tsc_aux;
	exit_finish(v);
}

void plain_exit(struct vcpu *v, u64 code)
{
	switch (code) {
	case SVM_EXIT_CPUID: cpuid_exit(v); return;
	case SVM_EXIT_IOIO: port_exit(v); return;
	case SVM_EXIT_RDTSC:
	case SVM_EXIT_RDTSCP: tsc_exit(v); return;
	case SVM_EXIT_RDPMC: inject_exception_error(v, VEC_GP, 0); return;
	case SVM_EXIT_HLT: intr_halt_exit(v); return;
	case SVM_EXIT_INVD:
	case SVM_EXIT_WBINVD:
	case SVM_EXIT_MONITOR:
	case SVM_EXIT_MWAIT: exit_finish(v); return;
	default: stop_crashed(v, "an exit that nobody handles");
	}
}
