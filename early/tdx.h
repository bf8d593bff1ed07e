/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first steps of a TD: whether this is one, what the module says of it, CPUID, and the
 * report of an end. Nothing here needs memory but the image, or a platform.
 * Spec: TDX-ABI 5.5 (TDG.VP.INFO, TDG.VM.RD), GHCI 3.4, TDX-CPU.
 */
#pragma once

#include "early/tdcall.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/trap_frame.h"

/* By CPUID 0x21, which no processor faults at and which a TD answers without an exception. */
bool tdx_is_named_by_cpuid(void);

/* What TDG.VP.INFO says. */
struct tdx_info {
	u64 attributes; /* TDX_ATTR_ */
	u64 shared_mask;
	u32 vcpu_count;
	u32 vcpu_index;
};

/*
 * In a TD: takes what the module says, and sees to it that an access to memory that the host took
 * away ends the TD instead of raising #VE. A TD where that cannot be had reports a fatal error.
 */
void tdx_init(void);
extern struct tdx_info tdx_info;
/* Of the image: a TD that can be debugged, all of whose state the host then reads, is refused. */
extern const bool tdx_refuses_debug;

/*
 * CPUID by the module, but for the hypervisor's own leaves [0x40000000, 0x4fffffff], which are the
 * host's. A leaf that the module would not answer is all zeros: it is nothing the host may say.
 */
void tdx_cpuid(u32 leaf, u32 subleaf, struct cpuid_regs *regs);
static inline bool tdx_cpuid_is_of_host(u32 leaf) { return leaf >> 28 == 4; }
/* The request to the host. */
void tdx_cpuid_by_host(u32 leaf, u32 subleaf, struct cpuid_regs *regs);

/* TDG.VP.VEINFO.GET: what a #VE handler asks first. False when the module has none. */
struct ve_info {
	u32 reason; /* VMX_EXIT_ */
	u32 insn_length;
	u32 insn_info;
	u64 qualification;
	u64 gla;
	u64 gpa;
};
bool must_check tdx_ve_info(struct ve_info *info);

/* The part of a #VE that is CPUID's, but for RIP. */
void tdx_ve_cpuid(struct trap_frame *frame);
/* #VE before there is a platform: CPUID only, anything else reports a fatal error. */
void tdx_early_ve(struct trap_frame *frame);

/*
 * Tells the host why, with @reason (a GHCB_TERM_ code of set Postern) as the extended error code
 * and the first 64 bytes of @why. 0 when the host goes on all the same; else there is no module.
 * For early/fatal.c.
 */
u64 tdx_report_fatal(unsigned int reason, const char *why);
