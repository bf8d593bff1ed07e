/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See tdx_ve.h. Spec: SDM3 28.2.1 (qualifications), TDX-ABI 5.5 (TDG.VP.VEINFO.GET).
 */
#include "monitor/hardware/tdx_ve.h"

#include "lib/cpu.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/exit_context.h"
#include "monitor/svm/inject.h"

#define KERNEL_HALF U64_C(0xffff800000000000)

void tdx_ve(struct vcpu *v, const struct tdx_ve *ve)
{
	if (tdx_ve_raise(&v->hardware->td, ve))
		inject_ve(v, ve->reason, ve->qualification, ve->gpa);
	else
		inject_exception_error(v, VEC_DF, 0);
}

void tdx_ve_insn(struct vcpu *v, u32 reason)
{
	tdx_ve(v, &(struct tdx_ve){ .reason = reason, .insn_length = exit_insn(v)->length });
}

void tdx_ve_io(struct vcpu *v)
{
	const struct insn insn = *exit_insn(v);
	bool string = insn.kind == INSN_INS || insn.kind == INSN_OUTS;
	bool immediate = !string && insn.port != INSN_PORT_DX;
	u16 port = (u16)(immediate ? insn.port : v->gpr[REG_RDX]);
	u64 flags = (insn.kind == INSN_IN || insn.kind == INSN_INS ? VE_IO_IN : 0) |
		    (string ? VE_IO_STRING : 0) | (insn.rep ? VE_IO_REP : 0) |
		    (immediate ? VE_IO_IMMEDIATE : 0);

	tdx_ve(v, &(struct tdx_ve){
			  .reason = VMX_EXIT_IO,
			  .qualification = ve_io_qualification(port, insn.operand_size, flags),
			  .insn_length = insn.length,
		  });
}

void tdx_ve_cr(struct vcpu *v, unsigned int cr, const struct insn *insn)
{
	tdx_ve(v, &(struct tdx_ve){
			  .reason = VMX_EXIT_CR_ACCESS,
			  .qualification = ve_cr_qualification(cr, insn->gpr),
			  .insn_length = insn->length,
		  });
}

/*
 * The linear address, which SVM does not report: the operand of the instruction, where it fits;
 * else one of the kernel's half with the right offset in its page.
 */
static u64 linear_of(struct vcpu *v, u64 address, bool write)
{
	u64 linear;

	if (exit_operand(v, write, &linear) && (linear - address) % PAGE_SIZE == 0)
		return linear;
	return KERNEL_HALF | address % PAGE_SIZE;
}

void tdx_ve_data(struct vcpu *v, u64 address, bool write)
{
	tdx_ve(v, &(struct tdx_ve){
			  .reason = VMX_EXIT_EPT_VIOLATION,
			  .qualification = (write ? VE_EPT_WRITE : VE_EPT_READ) | VE_EPT_GLA_VALID |
					   VE_EPT_TRANSLATED,
			  .gla = linear_of(v, address, write),
			  .gpa = address,
		  });
}

void tdx_ve_mmio(struct vcpu *v, u64 address, u64 info) { tdx_ve_data(v, address, info & NPF_W); }
