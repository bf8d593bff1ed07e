/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the TDX module does with a TD's access to an MSR, its writes of CR0 and CR4, and the other
 * instructions that exit.
 * Spec: TDX-ABI 2.2 (MSR virtualization), TDX-BASE (CR handling, instructions), for a TD without
 * PERFMON, PKS, KL and LASS.
 */
#pragma once

#include "monitor/hardware/tdx_td.h"

enum tdx_register_action {
	TDX_REGISTER_NATIVE, /* as the processor itself does it */
	TDX_REGISTER_VALUE,  /* reads this value */
	TDX_REGISTER_GP,     /* raises #GP(0) */
	TDX_REGISTER_VE,     /* raises #VE: MSR reads, MSR writes or CR accesses */
	TDX_REGISTER_UD,     /* raises #UD */
};

enum tdx_register_action tdx_msr_read(u32 msr, u64 *value);
/* @efer: the present one. */
enum tdx_register_action tdx_msr_write(const struct tdx_td *td, u32 msr, u64 value, u64 efer);

/* MOV to CR0 or CR4. NATIVE leaves the processor's own checks to do. */
enum tdx_register_action tdx_cr0_write(u64 value);
enum tdx_register_action tdx_cr4_write(const struct tdx_td *td, u64 value);

/*
 * An instruction that exits with @reason (VMX_EXIT_*) and has no model of its own: VE, GP or UD.
 * CPUID is tdx_cpuid()'s, and what the module does not even know is UD: VMX's, SEAMCALL.
 */
enum tdx_register_action tdx_instruction(u32 reason);
