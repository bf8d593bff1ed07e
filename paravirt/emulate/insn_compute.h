/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an instruction of one result makes of its operands, in numbers: for emulate_mmio.c, which
 * has them from the device and the registers. Pure.
 * Spec: APM3 chapter 3, each instruction's page and its table of rFLAGS.
 */
#pragma once

#include "paravirt/emulate/insn.h"

/* In order of the instruction's operands, whichever of them is memory; only the low bytes count. */
struct insn_operands {
	u64 first;
	u64 second;
	u64 third; /* SHLD, SHRD: the count */
};

/*
 * The result of insn->reg_size bytes, for the kinds from MOV to SHRX. *@rflags changes as the
 * manual says; flags that it leaves undefined stay as they were, or become what a carry makes them.
 */
u64 insn_compute(const struct insn *insn, const struct insn_operands *o, u64 *rflags);

/*
 * MUL, IMUL, DIV and IDIV: *@low and *@high are (R)AX and (R)DX of insn->reg_size bytes, or AL and
 * AH. -E_RANGE where the processor raises #DE.
 */
int must_check insn_compute_wide(const struct insn *insn, u64 source, u64 *low, u64 *high,
				 u64 *rflags);
