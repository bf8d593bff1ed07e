/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that lies, for tests: what an SEV-ES or SNP guest must find out by itself, because no
 * state of a page tells (inject=cpuid-lie, inject=vc-spurious); or that refuses a processor.
 */
#pragma once

#include "monitor/machine/options.h"
#include "monitor/svm/vcpu.h"

/* The number behind inject=cpuid-lie: what CPUID says, by the MSR protocol but for the last two. */
#define LIE_NO_SEV_LEAF 1 /* there is no leaf 0x8000001f */
#define LIE_NO_SEV      2 /* there is, and it names no SEV */
#define LIE_TD          3 /* this is a TD */
#define LIE_CBIT        4 /* the C-bit is one lower, and nested paging ignores that bit */
#define LIE_SEV_INFO    5 /* nothing, but SEV_INFO has another C-bit */
#define LIE_NAME        6 /* the processor is Intel's, to an SEV or SEV-ES guest */
#define LIE_FEATURES    7 /* by the GHCB: all of leaf 7 is there, to an SEV-ES guest */

/* An address bit that nested paging ignores, or 0. Needs guest.npt. */
u64 lie_ignored_bit(void);
/* What the host answers @v to @request of the MSR protocol, where honesty were @response. */
u64 lie_response(const struct vcpu *v, u64 request, u64 response);
/* What the host answers of a register of CPUID leaf @leaf by the GHCB. */
static inline u32 lie_feature(u32 leaf, u32 value)
{
	return leaf == CPUID_STRUCTURED && guest.inject[INJECT_CPUID_LIE] == LIE_FEATURES ? ~0U
											  : value;
}
/* Whether @v's platform set-up shall fail: the host does not let it find a way. */
static inline bool lie_setup_fails(const struct vcpu *v)
{
	return guest.inject[INJECT_CPU_SETUP_FAIL] == (int)v->id;
}
/* An encrypted guest is told that it is none: what hardware leaves to the host's intercepts. */
static inline bool lie_hides_sev(void) { return guest.inject[INJECT_SEV_HIDDEN] >= 0; }
/* ... and so CPUID is no #VC; but for what hides RDRAND from it, inject=sev-hidden:2. */
static inline bool lie_keeps_cpuid(u32 leaf)
{
	return lie_hides_sev() && (guest.inject[INJECT_SEV_HIDDEN] < 2 || leaf != CPUID_FEATURES);
}
/* Whether the host refuses to know a page of @v's that it registers by @msr. */
bool lie_refuses_page(const struct vcpu *v, u32 msr);
/* Whether @v shall not start. */
static inline bool lie_start_fails(const struct vcpu *v)
{
	return guest.inject[INJECT_CPU_START_FAIL] == (int)v->id;
}
/* Ticks of the TSC by which @v is late: more than the guest's patience (kernel/smp.c). */
static inline u64 lie_start_delay(const struct vcpu *v)
{
	return guest.inject[INJECT_CPU_START_LATE] == (int)v->id ? U64_C(14000000000) : 0;
}
/*
 * After a VMGEXIT of the MSR protocol: the one that is counted raises #VC for a CPUID that is not
 * there; from the other one that is, each is followed by an NMI.
 */
void lie_after_vmgexit(struct vcpu *v);
