/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See l1.h. Interrupts come to L1 directly. While its GIF is 0, V_INTR_MASKING with the monitor's
 * IF clear keeps them in the local APIC, and an NMI is held: APM2 15.17, 15.21.1.
 */
#include "monitor/hardware/l1/l1.h"

#include "abi/sev.h"
#include "abi/svm.h"
#include "lib/cpu.h"
#include "monitor/hardware/cr.h"
#include "monitor/hardware/l1/cpuid.h"
#include "monitor/hardware/l1/device.h"
#include "monitor/hardware/l1/frame.h"
#include "monitor/hardware/l1/gates.h"
#include "monitor/hardware/l1/iommu.h"
#include "monitor/hardware/l1/msr.h"
#include "monitor/hardware/l1/nmi.h"
#include "monitor/hardware/l1/psp.h"
#include "monitor/hardware/l1/rmp.h"
#include "monitor/hardware/l1/x2apic.h"
#include "monitor/hardware/nested/space.h"
#include "monitor/hardware/nested/vmrun.h"
#include "monitor/hardware/nested/vmsa.h"
#include "monitor/machine/end.h"
#include "monitor/machine/memory.h"
#include "monitor/machine/options.h"
#include "monitor/machine/trace_buffer.h"
#include "monitor/machine/traps.h"
#include "monitor/svm/host_ops.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/smp.h"
#include "monitor/svm/step.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/vmcb.h"

static struct l1 *cpus; /* by id */

static const u16 intercepts[] = {
	VMCB_INTERCEPT_CPUID,  VMCB_INTERCEPT_MSR,      VMCB_INTERCEPT_IOIO,
	VMCB_INTERCEPT_VMRUN,  VMCB_INTERCEPT_VMLOAD,   VMCB_INTERCEPT_VMSAVE,
	VMCB_INTERCEPT_STGI,   VMCB_INTERCEPT_CLGI,     VMCB_INTERCEPT_INVLPGA,
	VMCB_INTERCEPT_SKINIT, VMCB_INTERCEPT_SHUTDOWN, VMCB_INTERCEPT_EXCEPTION(VEC_UD),
	VMCB_INTERCEPT_WBINVD, VMCB_INTERCEPT_NMI,
};

static const void *msrpm;
static u8 *iopm;
static struct vmcb *scratch;

struct l1 *l1_of(const struct vcpu *v) { return &cpus[v->id]; }

struct l1 *l1_here(void) { return cpus ? l1_of(smp_here()) : NULL; }

static void init_cpus(void)
{
	cpus = memory_alloc(guest.cpu_count * sizeof(*cpus));
	for (unsigned int i = 0; i < guest.cpu_count; i++) {
		cpus[i].v = &guest.cpus[i];
		cpus[i].gif = true;
		l1_msrs_reset(&cpus[i].msrs);
		if (guest.inject[INJECT_NO_SME] == (int)i)
			cpus[i].msrs.syscfg = 0;
		l1_rmp_place(&cpus[i].msrs);
	}
}

void l1_init(u64 page_count)
{
	l1_rmp_init(page_count);
	init_cpus();
	msrpm = l1_msrpm_new();
	iopm = memory_alloc(IOPM_SIZE);
	scratch = memory_alloc(PAGE_SIZE);
	l1_frame_init(page_count);
	nested_init(page_count);
	l1_device_init();
}

void l1_launch(struct vcpu *v)
{
	struct vmcb_control_area *c = &v->vmcb->control;

	l1_of(v)->gif = true;
	l1_of(v)->efer = 0;
	l1_x2apic_init(l1_of(v));
	for (unsigned int i = 0; i < array_count(c->intercepts); i++)
		c->intercepts[i] = 0;
	for (unsigned int i = 0; i < array_count(intercepts); i++)
		vmcb_intercept(v->vmcb, intercepts[i], true);
	l1_gates_find_pm();
	l1_device_close_ports(iopm);
	c->msrpm_base_pa = (u64)msrpm;
	c->iopm_base_pa = (u64)iopm;
	c->int_ctl = 0;
	v->host_if = 0;
	if (v->startup.is_boot)
		l1_iommu_announce(l1_psp_id());
}

void l1_set_gif(struct l1 *p, bool gif)
{
	u64 masking = VMCB_V_INTR_MASKING;

	if (gif == p->gif)
		return;
	p->gif = gif;
	p->v->vmcb->control.int_ctl = gif ? 0 : masking | read_cr8();
}

bool l1_has(u64 pa, u64 size)
{
	for (u64 p = align_down(pa, (u64)PAGE_SIZE); p < pa + size; p += PAGE_SIZE)
		if (page_class(p) != PAGE_RAM)
			return false;
	return pa + size > pa;
}

static void cpuid_exit(struct vcpu *v)
{
	const struct l1_cpuid state = { L1_CBIT, v->vmcb->save.cr4, l1_asid_count(),
					l1_sev_asid_first() };
	u32 leaf = (u32)v->vmcb->save.rax;
	struct cpuid_regs raw = cpuid_raw(leaf, (u32)v->gpr[REG_RCX]);
	struct cpuid_values r = { raw.eax, raw.ebx, raw.ecx, raw.edx };

	if (!exit_is(v, SVM_EXIT_CPUID))
		return;
	r = l1_cpuid_get(&state, leaf, r);
	v->vmcb->save.rax = r.eax;
	v->gpr[REG_RBX] = r.ebx;
	v->gpr[REG_RCX] = r.ecx;
	v->gpr[REG_RDX] = r.edx;
	exit_finish(v);
}

/* What QEMU's processor does not know. */
static void undefined(struct vcpu *v)
{
	const struct insn *insn = exit_insn(v);

	if (exit_is(v, SVM_EXIT_EXCP_BASE + VEC_UD) && !l1_rmp_insn(v, insn))
		inject_exception(v, VEC_UD);
}

static void npf(struct vcpu *v)
{
	u64 gpa = v->vmcb->control.exit_info_2, size = PAGE_SIZE;
	u64 info = v->vmcb->control.exit_info_1;
	enum page_class class = page_class(gpa);
	struct l1_rmp_view view;

	if (page_is_own(gpa) && !l1_rmp_has(gpa))
		stop_crashed(v, "it touched the monitor's memory");
	if (l1_device_has(gpa)) {
		l1_device_fault(v, gpa, info);
		return;
	}
	if (!l1_rmp_access(v, gpa, info, &view))
		return;
	if (class == PAGE_RAM)
		(void)l1_frame(gpa, 0);
	if (view.large && l1_frame_is_plain_2m(gpa) && page_class_is_uniform_2m(gpa, class) &&
	    !l1_device_near(gpa))
		size = PAGE_2M_SIZE;
	gpa = align_down(gpa, size);
	npt_map(v->npt, NPT_SHARED, gpa, gpa, size, view.write, true);
}

/* QEMU ends where a task register that is not there is needed; this one is never reached. */
static void mend_task_register(void)
{
	vmsave((u64)scratch);
	if (scratch->save.tr.attrib & SEG_ATTRIB_P)
		return;
	scratch->save.tr.attrib = SEG_ATTRIB_TSS64;
	scratch->save.tr.limit = 0;
	vmload((u64)scratch);
}

/* VMLOAD and VMSAVE act on the processor's own registers, which are L1's here too. */
static void load_save(struct vcpu *v, u64 code)
{
	u64 pa = v->vmcb->save.rax;
	bool stores = code == SVM_EXIT_VMSAVE;

	if (pa % PAGE_SIZE || !l1_host_memory(pa, PAGE_SIZE) ||
	    (stores && !l1_rmp_lets_write(pa))) {
		inject_exception_error(v, VEC_GP, 0);
		return;
	}
	if (stores) {
		vmsave(pa);
	} else {
		vmload(pa);
		if (!(((const struct vmcb *)pa)->save.tr.attrib & SEG_ATTRIB_P))
			mend_task_register();
	}
	exit_finish(v);
}

static void svm_insn(struct vcpu *v, u64 code)
{
	if (!exit_is(v, code))
		return;
	if (!(l1_of(v)->efer & EFER_SVME) || code == SVM_EXIT_SKINIT) {
		inject_exception(v, VEC_UD);
		return;
	}
	switch (code) {
	case SVM_EXIT_VMRUN: nested_vmrun(v); return;
	case SVM_EXIT_VMLOAD:
	case SVM_EXIT_VMSAVE: load_save(v, code); return;
	case SVM_EXIT_INVLPGA: nested_flush((u32)v->gpr[REG_RCX]); break;
	default: l1_set_gif(l1_of(v), code == SVM_EXIT_STGI); break;
	}
	exit_finish(v);
}

/* The firmware counts them: an ASID is another guest's only after one on each processor. */
static void wbinvd_exit(struct vcpu *v)
{
	if (!exit_is(v, SVM_EXIT_WBINVD))
		return;
	wbinvd();
	l1_psp_wbinvd(v->id);
	exit_finish(v);
}

/* As if an interrupt had come: asked for only while an answer is due. */
static void idle(struct vcpu *v)
{
	if (exit_is(v, SVM_EXIT_HLT))
		exit_finish(v);
}

static void handle(struct vcpu *v, u64 code)
{
	switch (code) {
	case SVM_EXIT_NPF: npf(v); return;
	case SVM_EXIT_CPUID: cpuid_exit(v); return;
	case SVM_EXIT_MSR: l1_msr_exit(v); return;
	case SVM_EXIT_IOIO: l1_device_port(v); return;
	case SVM_EXIT_WBINVD: wbinvd_exit(v); return;
	case SVM_EXIT_EXCP_BASE + VEC_UD: undefined(v); return;
	case SVM_EXIT_NMI: return;
	case SVM_EXIT_HLT: idle(v); return;
	case SVM_EXIT_IRET: step_begin(v); return;
	case SVM_EXIT_EXCP_BASE + VEC_DB:
	case SVM_EXIT_EXCP_BASE + VEC_TS:
	case SVM_EXIT_EXCP_BASE + VEC_NP:
	case SVM_EXIT_EXCP_BASE + VEC_SS:
	case SVM_EXIT_EXCP_BASE + VEC_GP:
	case SVM_EXIT_EXCP_BASE + VEC_PF:
	case SVM_EXIT_EXCP_BASE + VEC_AC:
		step_exit(v, (unsigned int)code - SVM_EXIT_EXCP_BASE);
		return;
	case SVM_EXIT_VMRUN:
	case SVM_EXIT_VMLOAD:
	case SVM_EXIT_VMSAVE:
	case SVM_EXIT_STGI:
	case SVM_EXIT_CLGI:
	case SVM_EXIT_INVLPGA:
	case SVM_EXIT_SKINIT: svm_insn(v, code); return;
	case SVM_EXIT_SHUTDOWN: stop_crashed(v, "shutdown (triple fault)");
	case VMEXIT_INVALID: stop_crashed(v, "the processor refuses its state");
	default: stop_crashed(v, "an exit that nobody asked for");
	}
}

void l1_vmrun(struct vcpu *v)
{
	struct vmcb_control_area *c = &v->vmcb->control;
	struct vcpu *here = smp_here();

	(void)smp_deliver_once(here, c->event_inj);
	if (guest.cpu_count > 1)
		smp_enter(here);
	svm_vmrun(v, (u64)v->vmcb);
	if (guest.cpu_count > 1)
		smp_left(here);
	c->event_inj = 0;
	if (c->exit_code == SVM_EXIT_NMI)
		smp_nmi(here, ack_nmi().nmi);
}

/* Starts, stops and NMIs, which wait for GIF. */
static void take_events(struct l1 *p)
{
	struct vcpu *v = p->v;

	if (!p->gif)
		return;
	guest.host->ready(v);
	l1_nmi_ready(v);
}

noreturn_t l1_run(struct vcpu *v)
{
	struct vmcb_control_area *c = &v->vmcb->control;

	nested_vmsa_init();
	for (;;) {
		l1_psp_ready(v);
		take_events(l1_of(v));
		while (tracing && trace_buffer_drain()) /* L1 ends the machine when it likes */
			;
		c->nested_cr3 = npt_root(v->npt, false);
		c->tlb_ctl = v->npt_seen != v->npt->generation ? VMCB_TLB_FLUSH_ALL : 0;
		v->npt_seen = v->npt->generation;
		if (v->nmi_iret)
			step_enter(v);
		l1_vmrun(v);
		step_left(v);
		exit_begin(&v->exit);
		handle(v, (u32)c->exit_code);
		inject_again(v);
	}
}
