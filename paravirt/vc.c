/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each reason of a #VC asks of the hypervisor by GHCB.
 */
#include "paravirt/ghcb.h"

#include "abi/sev.h"
#include "early/ghcb_msr.h"
#include "early/percpu.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "paravirt/emulate/emulate.h"
#include "paravirt/ghcb.h"
#include "paravirt/pv_ops.h"
#include "paravirt/snp.h"

#define DR7       7
#define DR7_RESET 0x400

/* The hypervisor keeps DR7; the guest keeps its own view of it. */
static u64 dr7[CPU_MAX] = { [0 ... CPU_MAX - 1] = DR7_RESET };

static int handle_cpuid(struct emulation *em)
{
	struct trap_frame *f = em->frame;
	struct cpuid_regs regs;

	pv_ops.cpuid((u32)f->rax, (u32)f->rcx,
		     &regs); /* no site: one that stands still may come by */
	trap_frame_set_cpuid(f, &regs);
	return 0;
}

static int handle_tsc(struct emulation *em)
{
	u64 code = em->insn.kind == INSN_RDTSCP ? SVM_EXIT_RDTSCP : SVM_EXIT_RDTSC, tsc;
	u32 aux = 0;
	int rc;

	if (secure_tsc_is_on())
		return -E_INVAL; /* a host that asks to be asked */
	rc = ghcb_tsc(code, &tsc, &aux, &em->exception);
	if (rc)
		return rc;
	emulate_set_edx_eax(em->frame, tsc);
	if (code == SVM_EXIT_RDTSCP)
		em->frame->rcx = aux;
	return 0;
}

static int handle_rdpmc(struct emulation *em)
{
	u64 value;
	int rc = ghcb_pmc((u32)em->frame->rcx, &value, &em->exception);

	if (!rc)
		emulate_set_edx_eax(em->frame, value);
	return rc;
}

static int handle_simple(struct emulation *em) { return ghcb_simple(em->code, &em->exception); }

/*
 * With DEBUG_SWAP the debug registers are the guest's own, and their use no exit (APM2 table B-4,
 * DebugSwap): a #VC for one is the host's.
 */
static bool dr7_exits(void) { return !(rdmsr(MSR_SEV_STATUS) & SEV_STATUS_DEBUG_SWAP); }

static int handle_dr7_read(struct emulation *em)
{
	if (em->insn.reg != DR7 || !dr7_exits())
		return -E_INVAL;
	*emulate_register(em->frame, em->insn.rm) = dr7[cpu_index()];
	return 0;
}

static int handle_dr7_write(struct emulation *em)
{
	u64 value = *emulate_register(em->frame, em->insn.rm) | DR7_RESET;
	int rc;

	if (em->insn.reg != DR7 || value >> 32 || !dr7_exits())
		return -E_INVAL;
	rc = ghcb_dr7_write(value, &em->exception);
	if (!rc)
		dr7[cpu_index()] = value;
	return rc;
}

/*
 * No host can intercept the first two: a #VC for one is the host's own, to have the instruction
 * left out or answered by it. The bases belong to the state that it does not see, and KVM leaves
 * them alone: its answer would be an address that we then use.
 */
static int handle_msr(struct emulation *em)
{
	switch ((u32)em->frame->rcx) {
	case MSR_GHCB:
	case MSR_SEV_STATUS:
	case MSR_GUEST_TSC_FREQ:
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE: return -E_INVAL;
	default: return emulate_msr(em);
	}
}

static int handle_vmmcall(struct emulation *em)
{
	struct trap_frame *f = em->frame;
	const u64 args[4] = { f->rbx, f->rcx, f->rdx, f->rsi };

	return ghcb_vmmcall(f->rax, args, &f->rax, &em->exception);
}

/* The frequent first. MONITOR and MWAIT do nothing: so the hypervisor learns no address of ours. */
static const struct emulate_exit exits[] = {
	{ SVM_EXIT_CPUID, INSN_CPUID, INSN_CPUID, handle_cpuid },
	{ SVM_EXIT_IOIO, INSN_IN, INSN_OUTS, emulate_io },
	{ SVM_EXIT_MSR, INSN_RDMSR, INSN_WRMSR, handle_msr },
	{ SVM_EXIT_NPF, INSN_MEMORY_FIRST, INSN_MEMORY_LAST, emulate_mmio },
	{ SVM_EXIT_VMMCALL, INSN_VMMCALL, INSN_VMMCALL, handle_vmmcall },
	{ SVM_EXIT_RDTSC, INSN_RDTSC, INSN_RDTSC, handle_tsc },
	{ SVM_EXIT_RDTSCP, INSN_RDTSCP, INSN_RDTSCP, handle_tsc },
	{ SVM_EXIT_RDPMC, INSN_RDPMC, INSN_RDPMC, handle_rdpmc },
	{ SVM_EXIT_INVD, INSN_INVD, INSN_INVD, handle_simple },
	{ SVM_EXIT_WBINVD, INSN_WBINVD, INSN_WBINVD, handle_simple },
	{ SVM_EXIT_MONITOR, INSN_MONITOR, INSN_MONITOR, emulate_nothing },
	{ SVM_EXIT_MWAIT, INSN_MWAIT, INSN_MWAIT, emulate_nothing },
	{ SVM_EXIT_READ_DR7, INSN_MOV_FROM_DR, INSN_MOV_FROM_DR, handle_dr7_read },
	{ SVM_EXIT_WRITE_DR7, INSN_MOV_TO_DR, INSN_MOV_TO_DR, handle_dr7_write },
};

static const struct emulate_trap vc = { "#VC", &ghcb_requests, exits, array_count(exits) };

void vc_handle(struct trap_frame *frame) { emulate(&vc, frame, frame->error_code); }
