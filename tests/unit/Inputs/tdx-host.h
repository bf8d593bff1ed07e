/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's way to the TDX module and its host, natively: included before the guest's own
 * sources, it turns privileged instructions into calls of tdx-host.c, where a test plays module and
 * host. early/tdx.c is in tdx-host.c.
 */
#pragma once

#include "early/tdcall.h"
#include "lib/cpu.h"

void fake_nothing(void);
struct cpuid_regs fake_cpuid(u32 leaf, u32 subleaf);

#define cli       fake_nothing
#define sti       fake_nothing
#define cpu_relax fake_nothing
#define cpuid_raw fake_cpuid

/* What the test is. TDCALLs but VP.VMCALL: RAX; TDVMCALLs: RAX, with the answer in *args. */
extern u64 (*host_module)(u64 leaf, struct tdx_module_args *args);
extern u64 (*host_vmcall)(struct tdx_module_args *args);
extern struct cpuid_regs (*host_cpuid)(u32 leaf, u32 subleaf);

/* Calls so far, and the last TDVMCALL as the host saw it. */
extern unsigned int host_module_calls, host_vmcalls;
extern struct tdx_module_args host_seen;

/* Runs @function; true when it reported a fatal error, which is then in these. */
bool host_is_told(void (*function)(void));
extern char host_message[TDX_FATAL_MESSAGE_SIZE + 1];
extern unsigned int host_reason;
