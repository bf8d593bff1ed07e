/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See vmrun.h. L1's VMCB is read once, at VMRUN, and written once, at the exit: never believed in
 * between. Its clean bits are hints that nothing here needs.
 */
#include "monitor/hardware/nested/vmrun.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/string.h"
#include "monitor/hardware/l1/cpuid.h"
#include "monitor/hardware/l1/frame.h"
#include "monitor/hardware/l1/l1.h"
#include "monitor/hardware/l1/nmi.h"
#include "monitor/hardware/l1/rmp.h"
#include "monitor/hardware/nested/branches.h"
#include "monitor/hardware/nested/es.h"
#include "monitor/hardware/nested/exit.h"
#include "monitor/hardware/nested/guest_trace.h"
#include "monitor/hardware/nested/msr.h"
#include "monitor/hardware/nested/port.h"
#include "monitor/hardware/nested/soft_event.h"
#include "monitor/hardware/nested/space.h"
#include "monitor/hardware/nested/vmsa.h"
#include "monitor/hardware/state.h"
#include "monitor/machine/memory.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/smp.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/vmcb.h"

#define DR7_RESET 0x400

static struct nested *cpus; /* by id */

/* Beside what L1 wants: what QEMU insists on, and what the monitor cannot let a guest do. */
static const u16 always_intercepted[] = {
	VMCB_INTERCEPT_SHUTDOWN,    VMCB_INTERCEPT_VMRUN,  VMCB_INTERCEPT_VMLOAD,
	VMCB_INTERCEPT_VMSAVE,      VMCB_INTERCEPT_STGI,   VMCB_INTERCEPT_CLGI,
	VMCB_INTERCEPT_INVLPGA,     VMCB_INTERCEPT_SKINIT, VMCB_INTERCEPT_MSR,
	VMCB_INTERCEPT_CR_WRITE(8), /* QEMU 7.2 aborts at one with V_IRQ pending */
	VMCB_INTERCEPT_IOIO,        VMCB_INTERCEPT_NMI, /* a kick */
};

/* What ends a guest on hardware (a triple fault) or here (what is not played) is a shutdown. */
static void crashed(struct vcpu *v) { __builtin_longjmp(nested_of(v)->before_run, 1); }

static void init(struct nested *n, struct vcpu *host)
{
	n->host = l1_of(host);
	n->l2.apic_id = host->apic_id;
	n->l2.vmcb = memory_alloc(PAGE_SIZE);
	n->l2.page = nested_page;
	n->l2.crashed = crashed;
	hardware_init_vcpu(&n->l2);
	n->merged_msrpm = nested_msrpm_new();
	n->closed_iopm = nested_iopm_new();
}

void nested_init(u64 page_count)
{
	cpus = memory_alloc(guest.cpu_count * sizeof(*cpus));
	for (unsigned int i = 0; i < guest.cpu_count; i++)
		init(&cpus[i], &guest.cpus[i]);
	nested_space_init(page_count);
}

/* The host's, though a guest may have touched the same frame meanwhile. */
static struct vmcb *vmcb12(const struct nested *n) { return l1_frame(n->vmcb_pa, 0); }

/* The registers that VMRUN loads, and an exit stores: APM2 15.5.1, 15.6 */
static void copy_save(struct vmsa *to, const struct vmsa *from)
{
	to->es = from->es;
	to->cs = from->cs;
	to->ss = from->ss;
	to->ds = from->ds;
	to->gdtr = from->gdtr;
	to->idtr = from->idtr;
	to->cpl = from->cpl;
	to->efer = from->efer;
	to->cr4 = from->cr4;
	to->cr3 = from->cr3;
	to->cr0 = from->cr0;
	to->dr7 = from->dr7;
	to->dr6 = from->dr6;
	to->rflags = from->rflags;
	to->rip = from->rip;
	to->rsp = from->rsp;
	to->rax = from->rax;
	to->cr2 = from->cr2;
	to->g_pat = from->g_pat;
	to->dbgctl = from->dbgctl;
	to->br_from = from->br_from;
	to->br_to = from->br_to;
	to->last_excp_from = from->last_excp_from;
	to->last_excp_to = from->last_excp_to;
}

/* Which of the last two is the VMSA's to say. */
static enum nested_mode mode_of(const struct vmcb_control_area *c)
{
	if (!(c->nested_ctl & VMCB_SEV))
		return NESTED_PLAIN;
	return c->nested_ctl & VMCB_SEV_ES ? NESTED_SEV_ES : NESTED_SEV;
}

static void load_control(struct nested *n, const struct vmcb_control_area *from,
			 const struct vcpu *host)
{
	struct vmcb_control_area *c = &n->l2.vmcb->control;

	for (unsigned int i = 0; i < array_count(n->intercepts); i++)
		c->intercepts[i] = n->intercepts[i] = from->intercepts[i];
	for (unsigned int i = 0; i < array_count(always_intercepted); i++)
		vmcb_intercept(n->l2.vmcb, always_intercepted[i], true);
	c->pause_filter_thresh = from->pause_filter_thresh;
	c->pause_filter_count = from->pause_filter_count;
	c->tsc_offset = host->vmcb->control.tsc_offset + from->tsc_offset; /* to L1's own */
	c->int_ctl = from->int_ctl & VMCB_INT_CTL_KNOWN;
	c->int_state = from->int_state & VMCB_INT_SHADOW;
	c->event_inj = from->event_inj;
	c->nested_ctl = VMCB_NESTED_PAGING;
	n->iopm = from->iopm_base_pa & ~bits_mask(12);
	n->msrpm = from->msrpm_base_pa & ~bits_mask(12);
	n->ncr3 = from->nested_cr3;
	n->asid = from->asid;
	n->mode = mode_of(from);
	n->vmpl = 0;
	n->vmsa_pa = from->vmsa_pa;
	n->ghcb_msr = from->ghcb_gpa;
}

/* What VMRUN refuses, beside what QEMU's refuses of our VMCB: APM2 15.5.1 */
static bool is_legal(const struct nested *n, const struct vmcb_control_area *from)
{
	return n->asid && from->nested_ctl & VMCB_NESTED_PAGING &&
	       nested_is_intercepted(n, VMCB_INTERCEPT_VMRUN) &&
	       l1_host_memory(n->iopm, IOPM_SIZE) && l1_host_memory(n->msrpm, MSRPM_SIZE) &&
	       (n->mode == NESTED_PLAIN || n->asid <= l1_asid_count()) &&
	       (n->mode < NESTED_SEV ||
		n->asid >= (n->mode == NESTED_SEV ? l1_sev_asid_first() : 1));
}

static void flush(struct nested *n, u8 control)
{
	struct nested_space *s = n->space;

	if (control == VMCB_TLB_FLUSH_ALL)
		nested_flush_others(n);
	if (s->mode != n->mode || s->vmpl != n->vmpl)
		npt_drop(&s->npt);
	else if (control || s->ncr3 != n->ncr3)
		nested_space_flush(s, n->ncr3);
	s->ncr3 = n->ncr3;
	s->mode = n->mode;
	s->vmpl = n->vmpl;
}

static bool load_state(struct nested *n, const struct vmcb *from, const struct vcpu *host)
{
	if (n->mode >= NESTED_SEV_ES) {
		n->soft_event = 0;
		if (!nested_vmsa_load(n))
			return false;
		nested_es_intercept(n);
		return true;
	}
	copy_save(&n->l2.vmcb->save, &from->save);
	memcpy(n->l2.gpr, host->gpr, sizeof(n->l2.gpr));
	soft_event_begin(n, from->control.next_rip);
	return n->l2.vmcb->save.efer & EFER_SVME;
}

static bool enter(struct nested *n, struct vcpu *host)
{
	const struct vmcb *from = vmcb12(n);
	struct vmcb_control_area *c = &n->l2.vmcb->control;
	u8 tlb_control = from->control.tlb_ctl;

	load_control(n, &from->control, host);
	if (!is_legal(n, &from->control) || !load_state(n, from, host))
		return false;
	nested_branches_begin(n, from->control.virt_ext);
	n->space = nested_space_get(n);
	n->l2.npt = &n->space->npt;
	flush(n, tlb_control);
	nested_msrpm_merge(n);
	c->msrpm_base_pa = (u64)n->merged_msrpm;
	c->iopm_base_pa = (u64)n->closed_iopm;
	c->asid = n->space->npt.asid;
	n->l2.host_if = (host->vmcb->save.rflags & RFLAGS_IF) != 0;
	if (l1_nmi_is_due(host) || host->startup.action)
		smp_kick_self(host); /* what waited for GIF ends the run at once */
	nested_trace_entry(n);
	return true;
}

/*
 * Before 10.2 QEMU's VMRUN puts V_IRQ among the processor's requests without its lock, and an
 * interrupt that another thread puts there at that moment is lost until something makes the local
 * APIC look again, as a write of TPR does. An idle host would wait for it for ever.
 */
static void find_lost_interrupt(void) { write_cr8(read_cr8()); }

static void run(struct nested *n)
{
	struct vmcb_control_area *c = &n->l2.vmcb->control;
	bool virtual = c->int_ctl & VMCB_V_IRQ;
	struct vcpu *v = &n->l2;

	c->nested_cr3 = npt_root(v->npt, n->mode && vcpu_always_private(v));
	c->tlb_ctl = VMCB_TLB_FLUSH_ALL;
	l1_vmrun(v);
	if (virtual)
		find_lost_interrupt();
	n->cr2 = v->vmcb->save.cr2;
	n->fault.kind = NESTED_FAULT_NONE;
	exit_begin(&v->exit);
}

/* What an exit stores for L1: APM2 15.6 */
static void leave(struct nested *n)
{
	const struct vmcb *from = n->l2.vmcb;
	struct vmcb *to;

	nested_trace_exit(n);
	nested_branches_end(n);
	if (n->mode >= NESTED_SEV_ES)
		nested_vmsa_store(n);
	else
		memcpy(n->host->v->gpr, n->l2.gpr, sizeof(n->l2.gpr));
	to = vmcb12(n);
	if (n->mode >= NESTED_SEV_ES)
		to->control.ghcb_gpa = n->ghcb_msr;
	else
		copy_save(&to->save, &from->save);
	to->control.int_ctl = (to->control.int_ctl & ~(u64)(VMCB_V_IRQ | VMCB_V_TPR_MASK)) |
			      (from->control.int_ctl & (VMCB_V_IRQ | VMCB_V_TPR_MASK));
	to->control.int_state = from->control.int_state & VMCB_INT_SHADOW;
	if (n->mode >= NESTED_SEV_ES && from->save.rflags & RFLAGS_IF)
		to->control.int_state |= VMCB_INT_GUEST_IF;
	to->control.exit_int_info = from->control.exit_int_info;
	to->control.exit_info_1 = from->control.exit_info_1;
	to->control.exit_info_2 = from->control.exit_info_2;
	to->control.next_rip = from->control.next_rip;
	to->control.insn_len = from->control.insn_len;
	memcpy(to->control.insn_bytes, from->control.insn_bytes, sizeof(to->control.insn_bytes));
	to->control.event_inj &= ~(u64)EVENT_VALID;
	to->control.exit_code = from->control.exit_code;
}

/* L1 goes on behind VMRUN, with GIF clear and no breakpoints: APM2 15.6 */
static void resume_host(const struct nested *n)
{
	struct l1 *p = n->host;

	l1_rmp_unuse(n->vmcb_pa);
	exit_finish(p->v);
	p->v->vmcb->save.dr7 = DR7_RESET;
	l1_set_gif(p, false);
}

static void run_to_exit(struct nested *n)
{
	do {
		run(n);
	} while (!nested_exit(n));
}

static void shut_down(struct nested *n)
{
	struct vmcb_control_area *c = &n->l2.vmcb->control;

	if (!nested_is_intercepted(n, VMCB_INTERCEPT_SHUTDOWN))
		stop_crashed(n->host->v, "a guest's shutdown, which it lets be");
	c->exit_code = SVM_EXIT_SHUTDOWN;
	c->exit_info_1 = c->exit_info_2 = c->exit_int_info = 0;
	c->event_inj = 0;
	c->next_rip = 0;
	c->insn_len = 0;
	n->fault.kind = NESTED_FAULT_NONE;
}

/* What is #GP, and not an exit: APM2 15.5.1, 15.36.12 */
void nested_vmrun(struct vcpu *host)
{
	struct nested *n = &cpus[host->id];

	n->vmcb_pa = host->vmcb->save.rax;
	if (n->vmcb_pa % PAGE_SIZE || !l1_has(n->vmcb_pa, PAGE_SIZE) || !n->host->msrs.hsave_pa ||
	    !l1_rmp_use(n->vmcb_pa)) {
		inject_exception_error(host, VEC_GP, 0);
		return;
	}
	if (enter(n, host)) {
		if (__builtin_setjmp(n->before_run))
			shut_down(&cpus[smp_here()->id]);
		else
			run_to_exit(n);
		leave(&cpus[smp_here()->id]);
	} else {
		vmcb12(n)->control.exit_code = ~U64_C(0);
	}
	resume_host(&cpus[smp_here()->id]);
}
