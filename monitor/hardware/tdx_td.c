/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TDX module's side of TDCALL: see tdx_td.h.
 */
#include "monitor/hardware/tdx_td.h"
#include "lib/compiler.h"
#include "lib/string.h"

#define OPERAND_INVALID(operand) (TDX_OPERAND_INVALID | TDX_OPERAND_##operand)

void tdx_td_init(struct tdx_td *td, const struct tdx_machine *machine, unsigned int gpaw,
		 u64 attributes, u64 xfam, u32 vcpu_count)
{
	*td = (struct tdx_td){
		.machine = machine,
		.gpaw = gpaw,
		.info = { .attributes = attributes, .xfam = xfam },
		.config_flags = gpaw == TDX_GPAW_52 ? TDCS_CONFIG_FLAGS_GPAW : 0,
		.td_ctls_offered = TD_CTLS_ENUM_TOPOLOGY | TD_CTLS_VIRT_CPUID2,
		.vcpu_count = vcpu_count,
		.vcpu_max = vcpu_count,
	};
	if (attributes & TDX_ATTR_SEPT_VE_DISABLE)
		td->td_ctls = TD_CTLS_PENDING_VE_DISABLE;
}

bool tdx_gpa_valid(const struct tdx_td *td, u64 gpa, u64 size)
{
	u64 last = gpa + size - 1;

	return last >= gpa && !(last >> td->gpaw) && !((gpa ^ last) & tdx_shared_mask(td));
}

static struct tdx_result violates(enum violation violation, u64 gpa)
{
	return (struct tdx_result){
		.outcome = TDX_OUTCOME_VIOLATION,
		.violation = violation,
		.gpa = align_down(gpa, PAGE_SIZE),
	};
}

static u64 qualification_of(enum access_kind kind)
{
	switch (kind) {
	case ACCESS_WRITE: return VE_EPT_WRITE;
	case ACCESS_EXECUTE: return VE_EPT_FETCH;
	default: return VE_EPT_READ;
	}
}

struct tdx_result tdx_access(struct tdx_td *td, u64 gpa, enum access_kind kind)
{
	bool shared = gpa & tdx_shared_mask(td);
	enum violation v = sept_access(&td->sept, gpa & ~tdx_shared_mask(td), shared, kind);

	if (v == VIOLATION_TDX_ACCESS_NOT_ACCEPTED && !(td->td_ctls & TD_CTLS_PENDING_VE_DISABLE))
		return (struct tdx_result){
			.outcome = TDX_OUTCOME_VE,
			.ve = { .reason = VMX_EXIT_EPT_VIOLATION,
				.qualification = qualification_of(kind),
				.gpa = gpa },
		};
	return v ? violates(v, gpa) : (struct tdx_result){ 0 };
}

bool tdx_ve_raise(struct tdx_vcpu *vcpu, const struct tdx_ve *ve)
{
	if (vcpu->ve_valid)
		return false;
	vcpu->ve = *ve;
	vcpu->ve_valid = true;
	return true;
}

static u64 vp_info(struct tdx_call *call)
{
	const struct tdx_td *td = call->td;

	call->gpr[TDX_RCX] = td->gpaw;
	call->gpr[TDX_RDX] = td->info.attributes;
	call->gpr[TDX_R8] = (u64)td->vcpu_max << 32 | td->vcpu_count;
	call->gpr[TDX_R9] = call->vcpu->index;
	call->gpr[TDX_R10] = TDX_INFO_SYS_RD;
	call->gpr[TDX_R11] = 0;
	return TDX_SUCCESS;
}

static u64 veinfo_get(struct tdx_call *call, unsigned int version)
{
	static const struct tdx_ve none;
	struct tdx_vcpu *vcpu = call->vcpu;
	const struct tdx_ve *ve = vcpu->ve_valid && version <= 1 ? &vcpu->ve : &none;

	call->gpr[TDX_RCX] = ve->reason;
	call->gpr[TDX_RDX] = ve->qualification;
	call->gpr[TDX_R8] = ve->gla;
	call->gpr[TDX_R9] = ve->gpa;
	call->gpr[TDX_R10] = (u64)ve->insn_info << VE_INSN_INFO_SHIFT | ve->insn_length;
	if (version > 1)
		return OPERAND_INVALID(RAX);
	if (!vcpu->ve_valid)
		return TDX_NO_VALID_VE_INFO;
	vcpu->ve_valid = false;
	return TDX_SUCCESS;
}

static u64 cpuidve_set(struct tdx_call *call)
{
	u64 wanted = call->gpr[TDX_RCX];

	if (wanted & ~(TDX_CPUIDVE_SUPERVISOR | TDX_CPUIDVE_USER))
		return OPERAND_INVALID(RCX);
	if (call->td->td_ctls & TD_CTLS_LOCK && wanted != call->vcpu->cpuid_ve)
		return OPERAND_INVALID(RCX);
	call->vcpu->cpuid_ve = wanted;
	return TDX_SUCCESS;
}

static struct tdx_result returns(struct tdx_call *call, u64 status)
{
	call->gpr[TDX_RAX] = status;
	return (struct tdx_result){ 0 };
}

/* A page operand that is private and within the guest's physical address width. */
static bool page_valid(const struct tdx_td *td, u64 operand)
{
	return !((operand & TDX_PAGE_GPA_MASK) >> TDX_SHARED_BIT(td->gpaw));
}

static struct tdx_result page_accept(struct tdx_call *call)
{
	struct tdx_td *td = call->td;
	struct sept_result page;

	if (!page_valid(td, call->gpr[TDX_RCX]))
		return returns(call, OPERAND_INVALID(RCX));
	if (td->busy_count) {
		td->busy_count--;
		return returns(call, TDX_OPERAND_BUSY | TDX_OPERAND_RCX);
	}
	page = sept_accept(&td->sept, call->gpr[TDX_RCX]);
	if (page.violation)
		return violates(page.violation, page.gpa);
	if (tdx_status_code(page.status) == TDX_PAGE_ALREADY_ACCEPTED && !td->lenient)
		return violates(VIOLATION_TDX_ACCEPT_TWICE, page.gpa);
	if (page.size)
		td->machine->accepted(call->context, page.gpa, page.size);
	return returns(call, page.status);
}

static struct tdx_result page_attr_rd(struct tdx_call *call)
{
	u64 gpa = call->gpr[TDX_RCX];
	struct sept_result page;
	unsigned int level;
	bool pending;

	if (gpa & ~TDX_PAGE_GPA_MASK || !page_valid(call->td, gpa)) {
		call->gpr[TDX_RCX] = call->gpr[TDX_RDX] = 0;
		return returns(call, OPERAND_INVALID(RCX));
	}
	page = sept_attributes(&call->td->sept, gpa, &level, &pending);
	if (page.violation)
		return violates(page.violation, page.gpa);
	if (level == TDX_LEVEL_2M)
		gpa = align_down(gpa, PAGE_2M_SIZE);
	call->gpr[TDX_RCX] = tdx_page_operand(gpa, level) | (pending ? TDX_PAGE_PENDING : 0);
	call->gpr[TDX_RDX] = TDX_PAGE_ATTR_R | TDX_PAGE_ATTR_W | TDX_PAGE_ATTR_XS |
			     TDX_PAGE_ATTR_XU | TDX_PAGE_ATTR_VALID;
	return returns(call, TDX_SUCCESS);
}

/* There are no nested VMs, and a TD's own attributes are not its to change. */
static struct tdx_result page_attr_wr(struct tdx_call *call)
{
	u64 operand = call->gpr[TDX_RCX];
	unsigned int level = operand & TDX_LEVEL_MASK, real;
	struct sept_result page;
	u64 status = 0;
	bool pending;

	if (call->gpr[TDX_RDX])
		status = OPERAND_INVALID(RDX);
	else if (call->gpr[TDX_R8])
		status = OPERAND_INVALID(R8);
	else if (operand & ~(TDX_PAGE_GPA_MASK | TDX_LEVEL_MASK) || level > TDX_LEVEL_2M ||
		 !page_valid(call->td, operand))
		status = OPERAND_INVALID(RCX);
	if (!status) {
		page = sept_attributes(&call->td->sept, operand & TDX_PAGE_GPA_MASK, &real,
				       &pending);
		if (page.violation)
			return violates(page.violation, page.gpa);
		if (real < level)
			status = TDX_PAGE_SIZE_MISMATCH | level;
	}
	if (status) {
		call->gpr[TDX_RCX] = call->gpr[TDX_RDX] = 0;
		return returns(call, status);
	}
	call->gpr[TDX_RCX] = operand | (pending ? TDX_PAGE_PENDING : 0);
	call->gpr[TDX_RDX] = TDX_PAGE_ATTR_R | TDX_PAGE_ATTR_W | TDX_PAGE_ATTR_XS |
			     TDX_PAGE_ATTR_XU | TDX_PAGE_ATTR_VALID;
	return returns(call, TDX_SUCCESS);
}

static bool has_versions(unsigned int leaf)
{
	return leaf == TDG_VM_RD || leaf == TDG_VP_VEINFO_GET;
}

struct tdx_result tdx_tdcall(struct tdx_call *call)
{
	u64 rax = call->gpr[TDX_RAX];
	unsigned int leaf = rax & TDX_LEAF_MASK;
	unsigned int version = (rax >> TDX_VERSION_SHIFT) & TDX_VERSION_MASK;

	if (!call->is_64bit || call->cpl)
		return (struct tdx_result){ .outcome = TDX_OUTCOME_GP };
	if (rax >> (TDX_VERSION_SHIFT + 8) || (version && !has_versions(leaf)))
		return returns(call, OPERAND_INVALID(RAX));
	switch (leaf) {
	case TDG_VP_VMCALL: return (struct tdx_result){ .outcome = TDX_OUTCOME_VMCALL };
	case TDG_VP_INFO: return returns(call, vp_info(call));
	case TDG_MR_RTMR_EXTEND: return tdx_rtmr_extend(call);
	case TDG_VP_VEINFO_GET: return returns(call, veinfo_get(call, version));
	case TDG_MR_REPORT: return tdx_report(call);
	case TDG_VP_CPUIDVE_SET: return returns(call, cpuidve_set(call));
	case TDG_MEM_PAGE_ACCEPT: return page_accept(call);
	case TDG_VM_RD:
	case TDG_VM_WR:
	case TDG_VP_RD:
	case TDG_VP_WR:
	case TDG_SYS_RD: return returns(call, tdx_metadata(call, leaf, version));
	case TDG_SYS_RDALL: return tdx_sys_rdall(call);
	case TDG_MR_VERIFYREPORT: return tdx_mr_verifyreport(call);
	case TDG_SERVTD_RD:
	case TDG_SERVTD_WR:
	case TDG_VP_ENTER:
	case TDG_VP_INVEPT:
	case TDG_VP_INVVPID: return returns(call, tdx_absent(call, leaf));
	case TDG_MEM_PAGE_ATTR_RD: return page_attr_rd(call);
	case TDG_MEM_PAGE_ATTR_WR: return page_attr_wr(call);
	default: return returns(call, OPERAND_INVALID(RAX));
	}
}
