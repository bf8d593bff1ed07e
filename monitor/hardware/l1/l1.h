/* SPDX-License-Identifier: Apache-2.0 */
/*
 * L1: a Linux that is an SNP host, on one processor of an SNP-capable EPYC. It has the machine to
 * itself, at the machine's own addresses; what QEMU's processor lacks is played here, exit by exit:
 * CPUID, MSRs, GIF and SVM's instructions. What it launches (L2) runs in monitor/hardware/nested.
 * Spec: APM2 15 (SVM), 15.34-15.36 (SEV).
 */
#pragma once

#include "lib/compiler.h"
#include "monitor/hardware/l1/msr_state.h"
#include "monitor/svm/vcpu.h"

/* The highest address bit that nested paging of four levels translates. */
#define L1_CBIT      47
#define L1_ALIAS_BIT BIT(L1_CBIT)

/* What its processor has beyond what a VMCB holds. */
struct l1 {
	struct vcpu *v;
	u64 efer; /* SVME as L1 wrote it */
	struct l1_msrs msrs;
	bool gif;      /* the global interrupt flag: APM2 15.17 */
	bool nmi_held; /* came while GIF was 0 */
	bool x2apic;   /* the mode of its local APIC, where it is played */
};

extern struct l1 l1;

/* Before the map of L1's memory, of @page_count pages, is made: takes memory. */
void l1_init(u64 page_count);
/* L1 is loaded: its VMCB's control area. */
void l1_launch(struct vcpu *v);
/* VMRUN of L1 or of a guest of its: what EVENTINJ has is delivered once, see smp_deliver_once(). */
void l1_vmrun(struct vcpu *v);
/* Runs L1. */
noreturn_t l1_run(struct vcpu *v);

/* GIF becomes @gif; what was held back comes with the next entry. */
void l1_set_gif(bool gif);

/*
 * Whether [@pa, @pa + @size) is memory of L1's, so that the monitor may use it for L1: RAM that is
 * not the monitor's, and no device.
 */
bool l1_has(u64 pa, u64 size);
