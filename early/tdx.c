/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The module's and the host's answers that the first code of a TD needs.
 */
#include "early/tdx.h"

#include "abi/ghcb.h"
#include "early/fatal.h"
#include "lib/string.h"

struct tdx_info tdx_info __ro_after_init;

bool tdx_is_named_by_cpuid(void)
{
	struct cpuid_regs leaf = cpuid_raw(TDX_CPUID, 0);

	return leaf.ebx == TDX_SIGNATURE_EBX && leaf.ecx == TDX_SIGNATURE_ECX &&
	       leaf.edx == TDX_SIGNATURE_EDX;
}

/* A field of the TD's control structure; 0 where the module has no such field. */
static u64 td_field(u64 field)
{
	struct tdx_module_args args = { .rdx = field };

	return tdcall(TDG_VM_RD, &args) ? 0 : args.r8;
}

static bool disable_pending_ve(void)
{
	struct tdx_module_args args = { .rdx = TDCS_TD_CTLS,
					.r8 = TD_CTLS_PENDING_VE_DISABLE,
					.r9 = TD_CTLS_PENDING_VE_DISABLE };

	return td_field(TDCS_TD_CTLS) & TD_CTLS_PENDING_VE_DISABLE || !tdcall(TDG_VM_WR, &args);
}

/*
 * With that #VE, a host that takes a page away runs our handler at any instruction it likes. The
 * attribute says it for good, unless the module leaves it to TD_CTLS.
 */
static void refuse_pending_ve(void)
{
	bool disabled = tdx_info.attributes & TDX_ATTR_SEPT_VE_DISABLE;

	if (td_field(TDCS_CONFIG_FLAGS) & TDCS_CONFIG_FLEXIBLE_PENDING_VE)
		disabled = disable_pending_ve();
	if (!disabled)
		fatal(TERM_ATTRIBUTES, "TD must have SEPT_VE_DISABLE");
}

void tdx_init(void)
{
	struct tdx_module_args args = { 0 };
	u64 status = tdcall(TDG_VP_INFO, &args), gpaw = args.rcx & TDX_GPAW_MASK;

	if (status)
		fatal(TERM_RESPONSE, "CPUID names a TD, but TDCALL answers %#lx", status);
	if (gpaw != TDX_GPAW_48 && gpaw != TDX_GPAW_52)
		fatal(TERM_CBIT, "TD with %lu address bits", gpaw);
	tdx_info = (struct tdx_info){ .attributes = args.rdx,
				      .shared_mask = BIT(TDX_SHARED_BIT(gpaw)),
				      .vcpu_count = (u32)args.r8,
				      .vcpu_index = (u32)args.r9 };
	refuse_pending_ve();
}

void tdx_cpuid_by_host(u32 leaf, u32 subleaf, struct cpuid_regs *regs)
{
	struct tdx_module_args args = { .r11 = TDVMCALL_CPUID, .r12 = leaf, .r13 = subleaf };

	tdvmcall_must(&args);
	*regs = (struct cpuid_regs){ .eax = (u32)args.r12,
				     .ebx = (u32)args.r13,
				     .ecx = (u32)args.r14,
				     .edx = (u32)args.r15 };
}

void tdx_cpuid(u32 leaf, u32 subleaf, struct cpuid_regs *regs)
{
	if (tdx_cpuid_is_of_host(leaf))
		tdx_cpuid_by_host(leaf, subleaf, regs);
	else
		*regs = cpuid_raw(leaf, subleaf); /* a #VE, if any, gives zeros */
}

bool tdx_ve_info(struct ve_info *info)
{
	struct tdx_module_args args = { 0 };

	if (tdcall(TDG_VP_VEINFO_GET, &args))
		return false;
	*info = (struct ve_info){
		.reason = (u32)args.rcx,
		.qualification = args.rdx,
		.gla = args.r8,
		.gpa = args.r9,
		.insn_length = ve_insn_length(args.r10),
		.insn_info = (u32)(args.r10 >> VE_INSN_INFO_SHIFT),
	};
	return true;
}

void tdx_ve_cpuid(struct trap_frame *frame)
{
	struct cpuid_regs regs = { 0 };

	if (tdx_cpuid_is_of_host((u32)frame->rax))
		tdx_cpuid_by_host((u32)frame->rax, (u32)frame->rcx, &regs);
	trap_frame_set_cpuid(frame, &regs);
}

void tdx_early_ve(struct trap_frame *frame)
{
	struct ve_info info;

	if (!tdx_ve_info(&info))
		fatal(TERM_UNSUPPORTED_VC, "#VE without information");
	if (info.reason != VMX_EXIT_CPUID)
		fatal(TERM_UNSUPPORTED_VC, "early #VE %u at %#lx", info.reason, frame->rip);
	tdx_ve_cpuid(frame);
	frame->rip += info.insn_length;
}

/* GHCI 3.4: the registers in which the message lies, in its order */
u64 tdx_report_fatal(unsigned int reason, const char *why)
{
	u64 words[TDX_FATAL_MESSAGE_SIZE / sizeof(u64)] = { 0 };
	struct tdx_module_args args = { .rcx = TDVMCALL_EXPOSE_REGS_MASK,
					.r11 = TDVMCALL_REPORT_FATAL_ERROR,
					.r12 = (u64)reason << 32 };

	memcpy(words, why, strnlen(why, sizeof(words)));
	args.r14 = words[0];
	args.r15 = words[1];
	args.rbx = words[2];
	args.rdi = words[3];
	args.rsi = words[4];
	args.r8 = words[5];
	args.r9 = words[6];
	args.rdx = words[7];
	return tdcall(TDG_VP_VMCALL, &args);
}
