/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a processor asks of itself by the GHCB: CPUID, MSRs, time, DR7, hypercalls; how others start.
 */
#include "monitor/host/ghcb_answers.h"

#include "lib/cpu.h"
#include "monitor/hardware/state.h"
#include "monitor/host/kvm.h"
#include "monitor/host/liar.h"
#include "monitor/host/msr_host.h"
#include "monitor/host/state.h"
#include "monitor/machine/end.h"
#include "monitor/svm/exit_context.h"
#include "monitor/svm/lie.h"
#include "monitor/svm/pages.h"

void answer_cpuid(struct vcpu *v, struct ghcb *g)
{
	struct cpuid_cpu cpu = {
		.apic_id = v->apic_id,
		.apic_off = !(v->apic_base & APIC_BASE_ENABLE),
		.cr4 = v->vmcb->save.cr4,
		.xcr0 = GHCB_IS_VALID(g, xcr0) ? g->save.xcr0 : 1,
		.xss = GHCB_IS_VALID(g, xss) ? g->save.xss : 0,
	};
	u32 leaf = (u32)g->save.rax, subleaf = (u32)g->save.rcx;
	struct cpuid_values r = cpuid_get(&hardware.cpuid, &cpu, leaf, subleaf);

	if (lie_setup_fails(v)) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_EVENT);
		return;
	}
	TRACE(v->id, CPUID, "leaf=%#x subleaf=%#x eax=%#x ebx=%#x ecx=%#x edx=%#x", leaf, subleaf,
	      r.eax, r.ebx, r.ecx, r.edx);
	ghcb_reply(g);
	GHCB_SET(g, rax, r.eax);
	GHCB_SET(g, rbx, r.ebx);
	GHCB_SET(g, rcx, r.ecx);
	GHCB_SET(g, rdx, r.edx);
}

void answer_msr(struct vcpu *v, struct ghcb *g)
{
	bool write = g->save.sw_exit_info_1 != GHCB_MSR_EXIT_READ; /* as by KVM */
	u32 msr = (u32)g->save.rcx;
	u64 value = g->save.rdx << 32 | (u32)g->save.rax;
	int error = write ? msr_host_write(v, msr, value) : msr_host_read(v, msr, &value);

	TRACE(v->id, MSR, "dir=%s msr=%#x value=%#lx result=%d", write ? "write" : "read", msr,
	      value, error);
	if (error) {
		ghcb_reply_exception(g, VEC_GP, true, 0);
		return;
	}
	ghcb_reply(g);
	if (!write) {
		GHCB_SET(g, rax, (u32)value);
		GHCB_SET(g, rdx, value >> 32);
	}
}

void answer_hypercall(struct vcpu *v, struct ghcb *g)
{
	struct kvm_hypercall call = {
		.nr = g->save.rax,
		.args = { g->save.rbx, g->save.rcx, g->save.rdx, g->save.rsi },
		.cpl = g->save.cpl,
		.is_64bit = true,
	};
	u64 result = kvm_hypercall(v, &call);

	TRACE(v->id, VMGEXIT, "insn=0x%lx", exit_opcode(v));
	ghcb_reply(g);
	GHCB_SET(g, rax, result);
}

void answer_tsc(const struct vcpu *v, struct ghcb *g, bool with_aux)
{
	u64 tsc = vcpu_tsc(v);
	u32 aux = 0;

	if (with_aux)
		rdtscp(&aux);
	ghcb_reply(g);
	GHCB_SET(g, rax, (u32)tsc);
	GHCB_SET(g, rdx, tsc >> 32);
	if (with_aux)
		GHCB_SET(g, rcx, aux);
}

void answer_dr7(struct vcpu *v, struct ghcb *g)
{
	bool write = g->save.sw_exit_code == SVM_EXIT_WRITE_DR7;

	/* Kept, never loaded: the host's debug registers are not the guest's. */
	if (write)
		v->host->dr7 = g->save.rax;
	ghcb_reply(g);
	if (!write)
		GHCB_SET(g, rax, v->host->dr7);
}

/* GHCB 4.1.5: where an SEV-ES guest's processors start; kept for the guest, and by it. */
void answer_jump_table(struct ghcb *g)
{
	u64 gpa = g->save.sw_exit_info_2;

	switch (g->save.sw_exit_info_1) {
	case GHCB_JUMP_TABLE_SET:
		if (!is_aligned(gpa, PAGE_SIZE))
			break;
		host.ap_jump_table = gpa;
		ghcb_reply(g);
		return;
	case GHCB_JUMP_TABLE_GET:
		ghcb_reply(g);
		GHCB_SET(g, sw_exit_info_2, liar_jump_table());
		return;
	}
	ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
}

/* GHCB 4.3.2: whoever reads the answer has been started again. */
void answer_reset_hold(struct vcpu *v, struct ghcb *g)
{
	ghcb_reply(g);
	GHCB_SET(g, sw_exit_info_2, 1);
	startup_hold(&v->startup);
}
