/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GHCB MSR protocol, the only way to the hypervisor before a GHCB page is shared.
 * Spec: GHCB 2.3.1. Every answer is checked here; a malformed one terminates.
 */
#pragma once

#include "abi/ghcb.h"
#include "lib/compiler.h"
#include "lib/errno.h"

/*
 * Writes @request, executes VMGEXIT, returns the response, and leaves the MSR as it was before.
 * Interrupts are off for the duration: a handler's own GHCB use would change the MSR. An NMI's use
 * asks whether a call is under way, on any processor, and puts the MSR back.
 */
u64 ghcb_msr_call(u64 request);
bool ghcb_msr_is_busy(void);

struct ghcb_msr_sev_info {
	u16 version_max;
	u16 version_min;
	u8 cbit;
};

struct ghcb_msr_sev_info ghcb_msr_sev_info(void);
/* GHCB table 5 bits; needs protocol version 2. */
u64 ghcb_msr_hv_features(void);
/* One register of CPUID @leaf, sub-leaf 0. Returns 0 or -E_IO when the hypervisor refuses. */
int must_check ghcb_msr_cpuid(u32 leaf, unsigned int reg, u32 *value);
/* Returns 0, or -E_PERM when the hypervisor refuses this GPA. */
int must_check ghcb_msr_register_gpa(u64 gpa);
/* Changes one 4K page; @op is PSC_OP_PRIVATE or PSC_OP_SHARED. Returns 0 or -E_IO. */
int must_check ghcb_msr_psc(u64 gfn, unsigned int op);
/* Tells the hypervisor why and never returns, whatever it does. */
noreturn_t ghcb_msr_terminate(unsigned int set, unsigned int code);
/* The same with a reason of Postern's own set. */
noreturn_t ghcb_terminate(unsigned int reason);
