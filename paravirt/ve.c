/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each reason of a #VE asks of the host by TDVMCALL.
 */
#include "paravirt/tdx.h"

#include "abi/ghcb.h"
#include "abi/kvm_para.h"
#include "early/fatal.h"
#include "early/tdx.h"
#include "lib/compiler.h"
#include "paravirt/emulate/emulate.h"
#include "paravirt/tdx.h"

static int handle_ve_cpuid(struct emulation *em)
{
	tdx_ve_cpuid(em->frame);
	return 0;
}

/* The shadow of STI is over by now: code that must not miss an interrupt uses the hook. */
static int handle_hlt(struct emulation *em)
{
	tdx_hlt(!(em->frame->rflags & RFLAGS_IF));
	return 0;
}

static int handle_wbinvd(struct emulation *em) { return em->host->wbinvd(&em->exception); }

/* The instruction is no way to the host: it would show him the registers as they are. */
static int handle_vmcall(struct emulation *em)
{
	em->frame->rax = (u64)-KVM_ENOSYS;
	return 0;
}

/*
 * The frequent first. Ports and device memory: the decoder says more exactly than the qualification
 * what is meant.
 */
static const struct emulate_exit exits[] = {
	{ VMX_EXIT_CPUID, INSN_CPUID, INSN_CPUID, handle_ve_cpuid },
	{ VMX_EXIT_IO, INSN_IN, INSN_OUTS, emulate_io },
	{ VMX_EXIT_MSR_READ, INSN_RDMSR, INSN_RDMSR, emulate_msr },
	{ VMX_EXIT_MSR_WRITE, INSN_WRMSR, INSN_WRMSR, emulate_msr },
	{ VMX_EXIT_EPT_VIOLATION, INSN_MEMORY_FIRST, INSN_MEMORY_LAST, emulate_mmio },
	{ VMX_EXIT_HLT, INSN_HLT, INSN_HLT, handle_hlt },
	{ VMX_EXIT_VMCALL, INSN_VMCALL, INSN_VMCALL, handle_vmcall },
	{ VMX_EXIT_MWAIT, INSN_MWAIT, INSN_MWAIT, emulate_nothing },
	{ VMX_EXIT_MONITOR, INSN_MONITOR, INSN_MONITOR, emulate_nothing },
	{ VMX_EXIT_WBINVD, INSN_WBINVD, INSN_WBINVD, handle_wbinvd },
};

static const struct emulate_trap ve = { "#VE", &tdx_requests, exits, array_count(exits) };

void ve_handle(struct trap_frame *frame)
{
	struct ve_info info;

	if (!tdx_ve_info(&info))
		fatal(TERM_UNSUPPORTED_VC, "#VE without information at %#lx", frame->rip);
	emulate(&ve, frame, info.reason);
}
