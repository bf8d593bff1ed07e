/* SPDX-License-Identifier: Apache-2.0 */
/*
 * L2: a guest of the host that runs as L1. VMRUN by L1 fills this and runs it until an exit that L1
 * asked for or that the processor owes it, and L1 goes on. Nothing is kept between two VMRUNs but
 * what a TLB keeps (space.h).
 *
 *   L1's VMCB (and VMSA) --VMRUN--> our VMCB, shadow tables --exit--> L1's VMCB (and VMSA)
 *
 * Spec: APM2 15.5, 15.6 (VMRUN and exits), 15.25 (nested paging), 15.34-15.36 (SEV).
 */
#pragma once

#include "abi/svm.h"
#include "monitor/hardware/l1/msr_state.h"
#include "monitor/svm/vcpu.h"

/* In which order each has what the one before has. */
enum nested_mode {
	NESTED_PLAIN,
	NESTED_SEV,    /* two views of memory */
	NESTED_SEV_ES, /* ... and registers in a VMSA */
	NESTED_SNP,    /* ... and page states */
};

/* Why an access of L2, or of the processor for it, came to nothing. */
enum nested_fault_kind {
	NESTED_FAULT_NONE,
	NESTED_FAULT_NPF, /* an exit to L1 */
	NESTED_FAULT_VC,  /* #VC, page not validated */
};

struct nested_fault {
	enum nested_fault_kind kind;
	u64 gpa;  /* without C-bit */
	u64 info; /* EXITINFO1 */
};

struct l1;
struct nested_space;

/* A processor of L1's as it runs its guests. */
struct nested {
	struct vcpu l2; /* its registers and a VMCB of ours */
	struct l1 *host;
	enum nested_mode mode;
	u64 vmcb_pa;
	/* Of L1's VMCB, as VMRUN read them: */
	u32 intercepts[6];
	u64 iopm, msrpm;
	u64 ncr3;
	u32 asid;
	unsigned int vmpl;
	u64 vmsa_pa, ghcb_msr; /* of encrypted state */
	bool swaps_debug;      /* ... with its debug registers: APM2 15.35.8 */
	bool swaps_branches;   /* with branch records of its own: APM2 15.23 */
	struct l1_branches host_branches;
	struct nested_space *space;
	u8 *merged_msrpm;
	const void *closed_iopm;
	struct nested_fault fault; /* the first one since the last exit */
	u64 cr2;                   /* when it exited */
	u32 soft_event;            /* see soft_event.h; 0: none */
	u64 soft_event_rip, soft_event_next;
	void *before_run[5]; /* __builtin_setjmp()'s */
};

ABI_OFFSET(struct nested, l2, 0);

/* The one whose l2 is @v. */
static inline struct nested *nested_of(struct vcpu *v) { return (struct nested *)v; }

static inline bool nested_is_intercepted(const struct nested *n, unsigned int bit)
{
	return n->intercepts[bit / 32] >> bit % 32 & 1;
}
