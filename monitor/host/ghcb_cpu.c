/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a processor asks of itself by the GHCB: CPUID, MSRs, time, DR7, hypercalls, its start and
 * its end.
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
#include "monitor/svm/stop.h"

void answer_cpuid(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;
	struct cpuid_cpu cpu = {
		.apic_id = v->apic_id,
		.apic_off = !(v->apic_base & APIC_BASE_ENABLE),
		.cr4 = v->vmcb->save.cr4,
		.xcr0 = GHCB_IS_VALID(g, xcr0) ? g->save.xcr0 : 1,
		.xss = GHCB_IS_VALID(g, xss) ? g->save.xss : 0,
	};
	u32 leaf = (u32)g->save.rax, subleaf = (u32)g->save.rcx;
	struct cpuid_values regs = cpuid_get(&hardware.cpuid, &cpu, leaf, subleaf);

	if (lie_setup_fails(v)) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_EVENT);
		return;
	}
	TRACE(v->id, CPUID, "leaf=%#x subleaf=%#x eax=%#x ebx=%#x ecx=%#x edx=%#x", leaf, subleaf,
	      regs.eax, regs.ebx, regs.ecx, regs.edx);
	ghcb_reply(g);
	GHCB_SET(g, rax, regs.eax);
	GHCB_SET(g, rbx, lie_feature(leaf, regs.ebx));
	GHCB_SET(g, rcx, lie_feature(leaf, regs.ecx));
	GHCB_SET(g, rdx, regs.edx);
}

void answer_msr(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;
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

void answer_hypercall(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;
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

static void tsc(const struct vcpu *v, struct ghcb *g, bool with_aux)
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

void answer_tsc(struct vcpu *v, const struct ghcb_request *r) { tsc(v, r->ghcb, false); }

void answer_tscp(struct vcpu *v, const struct ghcb_request *r) { tsc(v, r->ghcb, true); }

void answer_dr7(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;
	bool write = g->save.sw_exit_code == SVM_EXIT_WRITE_DR7;

	/* Kept, never loaded: the host's debug registers are not the guest's. */
	if (write)
		v->host->dr7 = g->save.rax;
	ghcb_reply(g);
	if (!write)
		GHCB_SET(g, rax, v->host->dr7);
}

/* GHCB 4.1.5: where an SEV-ES guest's processors start; kept for the guest, and by it. */
void answer_jump_table(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;
	u64 gpa = g->save.sw_exit_info_2;

	(void)v;
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
void answer_reset_hold(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;

	ghcb_reply(g);
	GHCB_SET(g, sw_exit_info_2, 1);
	startup_hold(&v->startup);
}

/* No performance counter can be read. */
void answer_gp(struct vcpu *v, const struct ghcb_request *r)
{
	(void)v;
	ghcb_reply_exception(r->ghcb, VEC_GP, true, 0);
}

void answer_nothing(struct vcpu *v, const struct ghcb_request *r)
{
	(void)v;
	ghcb_reply(r->ghcb);
}

void answer_nmi_complete(struct vcpu *v, const struct ghcb_request *r)
{
	v->nmi_blocked = false;
	ghcb_reply(r->ghcb);
}

void answer_features(struct vcpu *v, const struct ghcb_request *r)
{
	ghcb_reply(r->ghcb);
	GHCB_SET(r->ghcb, sw_exit_info_2, v->host->protocol.features);
}

void answer_terminate(struct vcpu *v, const struct ghcb_request *r)
{
	u64 info = r->ghcb->save.sw_exit_info_1;

	stop_terminated(v, bits_get(info, 3, 0), bits_get(info, 11, 4));
}

void answer_unsupported(struct vcpu *v, const struct ghcb_request *r)
{
	(void)r;
	stop_crashed(v, "it reported a #VC that it does not support");
}
