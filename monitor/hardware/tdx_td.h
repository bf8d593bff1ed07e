/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One TD and its virtual processors, as the TDX module keeps them, and TDCALL: every leaf but
 * TDG.VP.VMCALL, which tdx_vmcall.h answers as the host.
 * Spec: TDX-ABI 5.5. Pure: the machine is reached through struct tdx_machine.
 */
#pragma once

#include "abi/tdx.h"
#include "monitor/hardware/cpuid.h"
#include "monitor/hardware/tdx_evidence.h"
#include "monitor/hardware/tdx_sept.h"

/* Registers by number, as TDVMCALL's mask names them. */
enum tdx_gpr {
	TDX_RAX,
	TDX_RCX,
	TDX_RDX,
	TDX_RBX,
	TDX_RSP,
	TDX_RBP,
	TDX_RSI,
	TDX_RDI,
	TDX_R8,
	TDX_R9,
	TDX_R10,
	TDX_R11,
	TDX_R12,
	TDX_R13,
	TDX_R14,
	TDX_R15,
	TDX_GPR_COUNT,
};

/*
 * What the module needs of the machine, all required. @context is what the entry points were given:
 * the processor. Addresses have no SHARED bit. int: 0 or negative.
 */
struct tdx_machine {
	/* Guest memory whose page states are judged already. */
	int (*read)(void *context, u64 gpa, void *data, size_t size);
	int (*write)(void *context, u64 gpa, const void *data, size_t size);
	/* [gpa, gpa + size) is accepted: it reads as zeroes, and is to be mapped anew. */
	void (*accepted)(void *context, u64 gpa, u64 size);
};

struct tdx_td {
	struct sept sept;
	const struct tdx_machine *machine;
	const struct tdx_platform *platform;
	unsigned int gpaw;       /* TDX_GPAW_* */
	struct tdx_td_info info; /* attributes, XFAM, measurements */
	u64 config_flags;        /* TDCS_CONFIG_* */
	u64 td_ctls;             /* TD_CTLS_* */
	u64 td_ctls_offered;     /* those that the guest may set */
	u64 notify_enables;
	u64 uuid[4];
	u64 tsc_frequency; /* in 25 MHz */
	u32 vcpu_count;
	u32 vcpu_max;
	u32 event_vector;  /* SetupEventNotify; 0: none */
	u32 event_apic_id; /* ... by this processor, which gets it */
	/* What a test wants the module or the host to do wrong. */
	bool lenient;         /* ACCEPT of an accepted page only says so, as hardware */
	u32 busy_count;       /* the next ACCEPTs return BUSY */
	u32 retry_chunks;     /* MapGPA returns RETRY after so many chunks of 2M; 0: as KVM might */
	bool retry_forever;   /* ... and without progress */
	bool map_gpa_refused; /* KVM_CAP_EXIT_HYPERCALL is off: MapGPA is not supported */
	bool pv_pages;        /* the host has KVM's pages for it, thus their MSRs */
};

/* What VEINFO.GET returns. */
struct tdx_ve {
	u32 reason; /* VMX_EXIT_* */
	u64 qualification;
	u64 gla;
	u64 gpa; /* with the SHARED bit where the access had it */
	u32 insn_length;
	u32 insn_info;
};

struct tdx_vcpu {
	u32 index;
	u32 apic_id;
	u64 cpuid_ve;  /* TDX_CPUIDVE_* */
	bool ve_valid; /* a #VE's information is not fetched yet; NMIs wait meanwhile */
	struct tdx_ve ve;
	bool no_call_info; /* for a test: the host does not know its own base calls */
};

/* One TDCALL by a processor; @gpr[TDX_GPR_COUNT] is changed in place. */
struct tdx_call {
	struct tdx_td *td;
	struct tdx_vcpu *vcpu;
	void *context;
	u64 *gpr;
	unsigned int cpl;
	bool is_64bit;
};

enum tdx_outcome {
	TDX_OUTCOME_RESUME,    /* registers are set; RIP goes behind the instruction */
	TDX_OUTCOME_VMCALL,    /* nothing done: it is tdx_vmcall()'s */
	TDX_OUTCOME_GP,        /* inject #GP(0) at the instruction */
	TDX_OUTCOME_VE,        /* raise `ve` at the instruction: see tdx_ve_raise() */
	TDX_OUTCOME_VIOLATION, /* stop the guest: violation, gpa */
};

struct tdx_result {
	enum tdx_outcome outcome;
	enum violation violation;
	u64 gpa;
	struct tdx_ve ve;
};

/*
 * After TDH.MNG.INIT. The caller's: memory, by sept_init() and sept_assign(), td->platform, and
 * td->info.mrtd.
 */
void tdx_td_init(struct tdx_td *td, const struct tdx_machine *machine, unsigned int gpaw,
		 u64 attributes, u64 xfam, u32 vcpu_count);

static inline u64 tdx_shared_mask(const struct tdx_td *td) { return BIT(TDX_SHARED_BIT(td->gpaw)); }

/* Whether [gpa, gpa + size) has only addresses that the TD can form, on one side of SHARED. */
bool tdx_gpa_valid(const struct tdx_td *td, u64 gpa, u64 size);

/*
 * An access of the guest's, or of the module for it: @gpa with its SHARED bit. Outcome RESUME, VE
 * (a page not accepted, where the TD wants to know) or VIOLATION.
 */
struct tdx_result tdx_access(struct tdx_td *td, u64 gpa, enum access_kind kind);

struct tdx_result tdx_tdcall(struct tdx_call *call);

/*
 * Keeps @ve for VEINFO.GET: true, inject #VE; false, the one before is not fetched: inject #DF(0).
 */
must_check bool tdx_ve_raise(struct tdx_vcpu *vcpu, const struct tdx_ve *ve);

/* TDG.VM, VP and SYS, RD and WR. Return RAX. */
u64 tdx_metadata(struct tdx_call *call, unsigned int leaf, unsigned int version);

/* The module's field number @index, in order: its identifier and value; false: there are less. */
bool tdx_sys_field(const struct tdx_call *call, size_t index, u64 *id, u64 *value);

/*
 * Judges a leaf's buffer of @size bytes, aligned to that, at @gpa, which is register @operand.
 * False: @result is what becomes of the call.
 */
bool tdx_buffer_ok(struct tdx_call *call, u64 gpa, u64 size, enum access_kind kind, u32 operand,
		   struct tdx_result *result);

/* TDG.SYS.RDALL, and the leaves of nested VMs and service TDs, of which there are none. */
struct tdx_result tdx_sys_rdall(struct tdx_call *call);
struct tdx_result tdx_mr_verifyreport(struct tdx_call *call);
u64 tdx_absent(struct tdx_call *call, unsigned int leaf);

/* TDG.MR.REPORT and TDG.MR.RTMR.EXTEND: RAX is set where the outcome is RESUME. */
struct tdx_result tdx_report(struct tdx_call *call);
struct tdx_result tdx_rtmr_extend(struct tdx_call *call);
