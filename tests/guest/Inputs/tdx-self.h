/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole TD on a plain machine: the guest with tdx-fake.c, and tdx-self.c as its module and host.
 * It keeps page states as the module does and ends the run at what a module or host would refuse.
 * Does not: memory behind the shared bit, of which the machine has none; #VE, which a test raises
 * itself by INT before the instruction.
 */
#pragma once

#include "early/tdcall.h"

struct tdx_self {
	u64 accepted_2m, accepted_4k, mapped_shared, mapped_private;
	u64 vmcalls; /* beside ports */
	u64 halts;
	unsigned int retries;      /* as many MapGPA are answered by RETRY */
	unsigned int busy;         /* as many ACCEPT by OPERAND_BUSY */
	u64 small_unit;            /* this 2M is mapped in 4K */
	struct tdx_module_args ve; /* the next VEINFO.GET */
	u64 msr;                   /* what every MSR reads as; the last one written */
	u64 msr_index;             /* asked last */
	s64 hypercall;             /* what R10 != 0 answers */
	u64 hypercall_args[5];
};
extern struct tdx_self tdx_self;

/* Whether a page is private and accepted. */
bool tdx_self_accepted(u64 gpa);
