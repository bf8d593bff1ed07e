/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See es.h.
 */
#include "monitor/hardware/es.h"

#include "abi/sev.h"
#include "lib/cpu.h"
#include "monitor/machine/end.h"
#include "monitor/machine/options.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/host_ops.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/intr.h"
#include "monitor/svm/lie.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/vmcb.h"

void es_intercept(struct vmcb *vmcb)
{
	vmcb_intercept(vmcb, VMCB_INTERCEPT_DR_READ(7), true);
	vmcb_intercept(vmcb, VMCB_INTERCEPT_DR_WRITE(7), true);
}

void es_launch(struct vcpu *v)
{
	const struct vmsa *vmsa = &v->vmcb->save;

	v->hardware->tsc_aux = vmsa->tsc_aux;
	wrmsr(MSR_TSC_AUX, vmsa->tsc_aux);
	wrmsr(MSR_PAT, vmsa->g_pat);
	if (read_cr4() & CR4_OSXSAVE)
		xsetbv(0, vmsa->xcr0);
}

void es_device(struct vcpu *v, u64 address, u64 info)
{
	(void)address, (void)info;
	inject_vc(v, SVM_EXIT_NPF);
}

void es_vmmcall(struct vcpu *v, const struct insn *insn)
{
	if (insn->kind != INSN_VMGEXIT) {
		inject_vc(v, SVM_EXIT_VMMCALL);
		return;
	}
	exit_finish(v);
	guest.host->vmgexit(v);
}

void es_host_exit(struct vcpu *v, u64 code)
{
	if (code == SVM_EXIT_CPUID && lie_keeps_cpuid((u32)v->vmcb->save.rax))
		guest.host->exit(v, code);
	else if (code != SVM_EXIT_HLT)
		inject_vc(v, code);
	else
		intr_halt_exit(v);
}

/* Whether it would be let at its next instruction now, and nothing comes before. */
static bool goes_on(const struct vcpu *v)
{
	return !inject_pending(v) && !v->rest && !v->startup.action &&
	       v->startup.state == STARTUP_RUNNING;
}

/*
 * ... and read the answer right behind it: another one. What is there now is looked at anew, since
 * the request may have changed it.
 */
static void go_on_with_rdmsr(struct vcpu *v)
{
	struct msr_access a = { .value = v->hardware->ghcb_msr };

	if (!goes_on(v) || v->vmcb->save.cpl || (u32)v->gpr[REG_RCX] != MSR_GHCB)
		return;
	exit_begin(&v->exit);
	if (exit_insn(v)->kind == INSN_RDMSR)
		msr_finish(v, &a, 0);
}

/* Guests write the MSR right before VMGEXIT: one exit less for each request. */
static void go_on_with_vmgexit(struct vcpu *v)
{
	bool rdmsr;

	if (inject_pending(v) || !exit_next_is_vmgexit(v, &rdmsr)) /* #DB of TF comes in between */
		return;
	exit_finish(v);
	guest.host->vmgexit(v);
	if (rdmsr)
		go_on_with_rdmsr(v);
}

static void ghcb_msr(struct vcpu *v, struct msr_access *a)
{
	if (!a->write) {
		a->value = v->hardware->ghcb_msr;
		msr_finish(v, a, 0);
		return;
	}
	v->hardware->ghcb_msr = a->value;
	msr_finish(v, a, 0);
	go_on_with_vmgexit(v);
}

/* What hardware does without the host. */
void es_msr(struct vcpu *v, const struct msr_access *access, u64 status)
{
	struct msr_access a = *access;

	if (a.msr != MSR_EFER && a.msr != MSR_SEV_STATUS && a.msr != MSR_GHCB &&
	    !(a.msr == MSR_GUEST_TSC_FREQ && status & SEV_STATUS_SECURE_TSC)) {
		inject_vc(v, SVM_EXIT_MSR);
		return;
	}
	switch (a.msr) {
	case MSR_EFER: msr_finish(v, &a, msr_efer(v, &a)); return;
	case MSR_SEV_STATUS:
		a.value = status;
		msr_finish(v, &a, a.write || lie_hides_sev() ? -E_INVAL : 0);
		return;
	case MSR_GUEST_TSC_FREQ:
		a.value = (guest.tsc_khz + 500) / 1000;
		msr_finish(v, &a, a.write ? -E_INVAL : 0);
		return;
	default: ghcb_msr(v, &a); return;
	}
}

/* KVM would patch a plain guest's text; encrypted text it cannot. */
void es_vmcall(struct vcpu *v)
{
	TRACE(v->id, VMCALL, "rax=%#lx rip=%#lx", v->vmcb->save.rax, v->vmcb->save.rip);
	if (!(guest.lenient & LENIENT_VMCALL))
		stop_violation(v, VIOLATION_VMCALL, "rax=%#lx", v->vmcb->save.rax);
	inject_exception(v, VEC_UD);
}
