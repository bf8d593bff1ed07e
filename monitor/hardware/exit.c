/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See exit.h. What hardware does of itself is done here for every kind of guest; the rest is the
 * kind's.
 */
#include "monitor/hardware/exit.h"

#include "lib/cpu.h"
#include "monitor/machine/end.h"
#include "monitor/machine/trace_buffer.h"
#include "monitor/hardware/cr.h"
#include "monitor/hardware/msr.h"
#include "monitor/hardware/page_watch.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/exit_context.h"
#include "monitor/svm/host_ops.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/intr.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/lenient.h"
#include "monitor/svm/npf.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/profile.h"
#include "monitor/svm/smp.h"
#include "monitor/svm/step.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/vmcb.h"

/* Exits of SVM's own instructions, which the guest does not have: APM2 appendix C */
#define EXIT_INVLPGA 0x7a
#define EXIT_VMLOAD  0x82
#define EXIT_VMSAVE  0x83
#define EXIT_STGI    0x84
#define EXIT_CLGI    0x85
#define EXIT_SKINIT  0x86

#define EXIT_IRET 0x74

/* Of a guest that says NMI complete it is none of an NMI's. */
static void iret(struct vcpu *v)
{
	bool is_done = v->hardware->real_iret && cr_real_iret(v);

	if (guest.hardware->has_nmi_complete)
		return;
	if (is_done)
		v->nmi_blocked = false;
	else if (v->nmi_blocked)
		step_begin(v);
}

/* It is virtual with V_INTR_MASKING: the APIC is told what to hold back, and what to let in. */
static void take_tpr(struct vcpu *v)
{
	v->tpr = v->vmcb->control.int_ctl & VINTR_TPR_MASK;
	write_cr8(v->tpr);
}

/* The instruction is one that exits with @code: nobody asks again. */
static void instruction(struct vcpu *v, u64 code)
{
	switch (code) {
	case SVM_EXIT_PAUSE: exit_finish(v); return;
	case EXIT_XSETBV: cr_xsetbv(v); return;
	case EXIT_INVLPGA:
	case SVM_EXIT_VMRUN:
	case EXIT_VMLOAD:
	case EXIT_VMSAVE:
	case EXIT_STGI:
	case EXIT_CLGI:
	case EXIT_SKINIT: inject_exception(v, VEC_UD); return;
	default: guest.hardware->host_exit(v, exit_true_code(v, code)); return;
	}
}

static inline __attribute__((always_inline)) void handle(struct vcpu *v, u64 code)
{
	switch (code) {
	case SVM_EXIT_MSR: /* these first: what is frequent */
		if (exit_is_of(v, exit_kind_of_msr(v->vmcb->control.exit_info_1)))
			msr_exit(v);
		return;
	case SVM_EXIT_CPUID:
		if (exit_is_of(v, exit_kinds[SVM_EXIT_CPUID]))
			guest.hardware->host_exit(v, code);
		return;
	case SVM_EXIT_IOIO:
		if (exit_is_port(v))
			guest.hardware->host_exit(v, code);
		return;
	case SVM_EXIT_VMMCALL:
		if (exit_is_of(v, exit_kinds[SVM_EXIT_VMMCALL]))
			guest.hardware->vmmcall(v, &v->exit.insn);
		return;
	case SVM_EXIT_EXCP_BASE + VEC_UD:
		if (exit_is(v, code))
			guest.hardware->undefined(v, &v->exit.insn);
		return;
	case SVM_EXIT_INTR:
	case SVM_EXIT_VINTR: intr_deliver(v); return;
	case SVM_EXIT_NMI: intr_nmi(v); return;
	case EXIT_IRET: iret(v); return;
	case SVM_EXIT_EXCP_BASE + VEC_DB:
	case SVM_EXIT_EXCP_BASE + VEC_TS:
	case SVM_EXIT_EXCP_BASE + VEC_NP:
	case SVM_EXIT_EXCP_BASE + VEC_SS:
	case SVM_EXIT_EXCP_BASE + VEC_GP:
	case SVM_EXIT_EXCP_BASE + VEC_PF:
	case SVM_EXIT_EXCP_BASE + VEC_AC:
		step_exit(v, (unsigned int)code - SVM_EXIT_EXCP_BASE);
		return;
	case SVM_EXIT_NPF: npf_handle(v); return;
	case EXIT_CR0_SEL_WRITE: cr_exit(v, 0); return;
	case EXIT_CR4_WRITE: cr_exit(v, 4); return;
	case EXIT_CR8_WRITE:
		cr8_exit(v);
		take_tpr(v);
		return;
	case SVM_EXIT_SHUTDOWN: stop_crashed(v, "shutdown (triple fault)");
	case VMEXIT_INVALID:
		if (cr3_exit(v))
			return;
		stop_crashed(v, "the processor refuses its state");
	default:
		if (exit_is(v, code))
			instruction(v, code);
		return;
	}
}

/* Who waits for what never comes would keep the last lines back, or what the host still owes. */
static void let_trace_out(struct vcpu *v)
{
	trace_buffer_pace();
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_PAUSE,
		       guest.holds_interrupts || !trace_buffer_is_empty() || v->host_is_due);
}

/*
 * A run that is traced, profiled, replayed or injects #HV alone, as its start has said: each of
 * these is apart, so that any other run has one test of them at a place.
 */
static bool is_watched(void)
{
	return guest.holds_interrupts || guest_is_restricted() || tracing || profiling;
}

static __attribute__((noinline)) void watched_ready(struct vcpu *v)
{
	if (guest.holds_interrupts)
		intr_look(v);
	if (v->nmi_pending || guest_is_restricted())
		intr_ready(v);
}

static __attribute__((noinline)) void watched_enter(struct vcpu *v)
{
	if (tracing)
		let_trace_out(v);
}

static __attribute__((noinline)) void watched_enter_held(struct vcpu *v)
{
	if (guest.holds_interrupts)
		intr_enter_held(v);
}

static __attribute__((noinline)) void watched_left(struct vcpu *v)
{
	if (guest.holds_interrupts)
		intr_left_held(v);
}

static __attribute__((noinline)) void watched_begin(struct vcpu *v)
{
	if (profiling)
		profile_begin(v);
}

static __attribute__((noinline)) void watched_end(struct vcpu *v)
{
	if (!profiling)
		return;
	page_watch_flush();
	profile_end(v);
}

static inline __attribute__((always_inline)) void run(struct vcpu *v, bool watched)
{
	struct vmcb_control_area *c = &v->vmcb->control;

	if (v->host_is_due)
		guest.host->enter(v); /* first: it may wait without the lock */
	if (watched)
		watched_enter(v);
	c->nested_cr3 = npt_root(v->npt, vcpu_always_private(v));
	c->tlb_ctl = v->npt_seen != v->npt->generation ? VMCB_TLB_FLUSH_ALL : 0;
	v->npt_seen = v->npt->generation;
	if (c->event_inj) {
		c->int_state &= ~(u64)VMCB_INT_SHADOW; /* what is delivered ends it */
		if (!guest.holds_interrupts)
			(void)smp_deliver_once(v, c->event_inj);
	}
	if (watched)
		watched_enter_held(v);
	if (guest.cpu_count > 1)
		smp_enter(v);
	svm_vmrun(v, (u64)v->vmcb);
	if (guest.cpu_count > 1)
		smp_left(v);
	c->event_inj = 0;
	if (watched)
		watched_left(v);
}

static __attribute__((noinline)) void step(struct vcpu *v)
{
	step_enter(v);
	run(v, true);
	step_left(v);
}

/* For one that waits for the lock to see that it is free */
#define PAUSE_TICKS 10000

/* What takes long lets the other processors have the lock in between. */
static void do_rest(struct vcpu *v)
{
	while (v->rest) {
		v->rest(v);
		if (v->rest && guest.cpu_count > 1)
			smp_pause(v, PAUSE_TICKS);
	}
}

noreturn_t exit_loop(struct vcpu *v)
{
	struct vmcb_control_area *c = &v->vmcb->control;
	const bool watched = is_watched();

	for (;;) {
		if (v->rest)
			do_rest(v);
		if (v->startup.action || v->startup.state != STARTUP_RUNNING)
			guest.host->ready(v);
		if (watched)
			watched_ready(v);
		else if (v->nmi_pending)
			intr_ready(v);
		if (step_is_due(v))
			step(v);
		else
			run(v, watched);
		if (v->lenient.count && (u32)c->exit_code != SVM_EXIT_NPF)
			lenient_forget(v);
		exit_begin(&v->exit);
		if (watched)
			watched_begin(v);
		handle(v, (u32)c->exit_code);
		inject_again(v);
		if (watched)
			watched_end(v);
	}
}
