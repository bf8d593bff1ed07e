/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See exit.h. What hardware does of itself is done here for both kinds of guest; what a host does
 * comes from an SNP guest by #VC and VMGEXIT only.
 */
#include "monitor/svm/exit.h"

#include "lib/cpu.h"
#include "monitor/host/end.h"
#include "monitor/svm/cr0.h"
#include "monitor/svm/ghcb.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/intr.h"
#include "monitor/svm/kvm.h"
#include "monitor/svm/msr.h"
#include "monitor/svm/npf.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/port.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/ud.h"
#include "monitor/svm/vmcb.h"
#include "monitor/svm/walk.h"

#define VINTR_TPR_MASK 0xf

/* Exits of SVM's own instructions, which the guest does not have: APM2 appendix C */
#define EXIT_INVLPGA 0x7a
#define EXIT_VMLOAD  0x82
#define EXIT_VMSAVE  0x83
#define EXIT_STGI    0x84
#define EXIT_CLGI    0x85
#define EXIT_SKINIT  0x86

static void skip(struct vcpu *v, unsigned int length)
{
	v->vmcb->save.rip += length;
	v->vmcb->control.int_state = 0;
}

static void cpuid_exit(struct vcpu *v)
{
	struct cpuid_cpu cpu = {
		.apic_id = v->apic_id,
		.cr4 = v->vmcb->save.cr4,
		.xcr0 = xgetbv(0), /* live in the processor */
	};
	u64 *rax = &v->vmcb->save.rax;
	u32 leaf = (u32)*rax, subleaf = (u32)v->gpr[REG_RCX];
	struct cpuid_values r;

	r = cpuid_get(&guest.cpuid, &cpu, leaf, subleaf);
	TRACE(v->id, CPUID, "leaf=%#x subleaf=%#x eax=%#x ebx=%#x ecx=%#x edx=%#x", leaf, subleaf,
	      r.eax, r.ebx, r.ecx, r.edx);
	*rax = r.eax;
	v->gpr[REG_RBX] = r.ebx;
	v->gpr[REG_RCX] = r.ecx;
	v->gpr[REG_RDX] = r.edx;
	skip(v, 2);
}

static void tsc_exit(struct vcpu *v, unsigned int length)
{
	u64 tsc = rdtsc();

	v->vmcb->save.rax = (u32)tsc;
	v->gpr[REG_RDX] = tsc >> 32;
	if (length == 3)
		v->gpr[REG_RCX] = (u32)v->msr_tsc_aux;
	skip(v, length);
}

/* What a plain guest's host answers at once. */
static void plain_exit(struct vcpu *v, u64 code)
{
	struct insn insn;

	switch (code) {
	case SVM_EXIT_CPUID: cpuid_exit(v); return;
	case SVM_EXIT_IOIO: port_exit(v); return;
	case SVM_EXIT_RDTSC:
	case SVM_EXIT_RDTSCP:
		insn = walk_insn(v);
		tsc_exit(v, insn.length);
		return;
	case SVM_EXIT_RDPMC: inject_exception_error(v, VEC_GP, 0); return;
	case SVM_EXIT_INVD:
	case SVM_EXIT_WBINVD:
	case SVM_EXIT_MONITOR:
	case SVM_EXIT_MWAIT:
		insn = walk_insn(v);
		skip(v, insn.length);
		return;
	default: stop_crashed(v, "an exit that nobody handles");
	}
}

/* TCG reports some instructions under their neighbour's code: the bytes decide. */
static u64 true_code(struct vcpu *v, u64 code)
{
	if (code != SVM_EXIT_WBINVD && code != SVM_EXIT_RDTSC)
		return code;
	switch (walk_insn(v).kind) {
	case INSN_INVD: return SVM_EXIT_INVD;
	case INSN_RDTSCP: return SVM_EXIT_RDTSCP;
	default: return code;
	}
}

static void halt_exit(struct vcpu *v)
{
	TRACE(v->id, HLT, "rip=%#lx", v->vmcb->save.rip);
	skip(v, 1);
	intr_halt(v);
}

static void vmmcall_exit(struct vcpu *v)
{
	struct insn insn = walk_insn(v);

	if (!guest.snp) {
		hypercall_exit(v, insn.length);
	} else if (insn.kind == INSN_VMGEXIT) {
		skip(v, insn.length);
		ghcb_vmgexit(v);
	} else {
		inject_vc(v, SVM_EXIT_VMMCALL);
	}
}

static void handle(struct vcpu *v, u64 code)
{
	switch (code) {
	case SVM_EXIT_INTR:
	case SVM_EXIT_VINTR: intr_deliver(v); return;
	case SVM_EXIT_NMI: intr_nmi(v); return;
	case SVM_EXIT_NPF: npf_handle(v); return;
	case SVM_EXIT_MSR: msr_exit(v); return;
	case EXIT_CR0_SEL_WRITE: cr0_exit(v); return;
	case SVM_EXIT_HLT: halt_exit(v); return;
	case SVM_EXIT_VMMCALL: vmmcall_exit(v); return;
	case SVM_EXIT_EXCP_BASE + VEC_UD: ud_exit(v); return;
	case SVM_EXIT_SHUTDOWN: stop_crashed(v, "shutdown (triple fault)");
	case VMEXIT_INVALID: stop_crashed(v, "the processor refuses its state");
	case EXIT_INVLPGA:
	case SVM_EXIT_VMRUN:
	case EXIT_VMLOAD:
	case EXIT_VMSAVE:
	case EXIT_STGI:
	case EXIT_CLGI:
	case EXIT_SKINIT: inject_exception(v, VEC_UD); return;
	default: break;
	}
	if (guest.snp)
		inject_vc(v, true_code(v, code));
	else
		plain_exit(v, true_code(v, code));
}

/* An event whose delivery the exit broke off, unless something else is to be delivered now. */
static void redeliver(struct vcpu *v)
{
	struct vmcb_control_area *c = &v->vmcb->control;
	u64 type = (c->exit_int_info & EVENT_TYPE_MASK) >> EVENT_TYPE_SHIFT;

	if (c->exit_int_info & EVENT_VALID && type != EVENT_TYPE_SOFT_INTR && !c->event_inj)
		c->event_inj = c->exit_int_info;
}

noreturn_t exit_loop(struct vcpu *v)
{
	struct vmcb_control_area *c = &v->vmcb->control;
	u64 tpr = 0;

	for (;;) {
		c->nested_cr3 = npt_root(guest.snp && vcpu_always_private(v));
		c->tlb_ctl = npt_flush_needed() ? VMCB_TLB_FLUSH_ALL : 0;
		kvm_steal_update(v);
		svm_vmrun(v, (u64)v->vmcb);
		c->event_inj = 0;
		/* CR8 is virtual with V_INTR_MASKING; the LAPIC must know it to hold back. */
		if ((c->int_ctl & VINTR_TPR_MASK) != tpr) {
			tpr = c->int_ctl & VINTR_TPR_MASK;
			write_cr8(tpr);
		}
		if ((u32)c->exit_code != SVM_EXIT_NPF)
			npf_forget_lenient();
		handle(v, (u32)c->exit_code);
		redeliver(v);
	}
}
