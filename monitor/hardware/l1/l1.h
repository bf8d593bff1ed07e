/* SPDX-License-Identifier: Apache-2.0 */
/*
 * L1: a Linux that is an SNP host, on an SNP-capable EPYC. It has the machine to itself, at the
 * machine's own addresses; what QEMU's processor lacks is played here, exit by exit: CPUID, MSRs,
 * GIF and SVM's instructions. What it launches (L2) runs in monitor/hardware/nested.
 * Each processor has its own state here and there, and its own TLB of each guest; the RMP, the
 * frames, the security processor and the devices are the machine's, under the monitor's lock. What
 * is unmapped for anybody's sake is so for all before who asked for it goes on (smp_flush()).
 * Spec: APM2 15 (SVM), 15.34-15.36 (SEV).
 */
#pragma once

#include "lib/compiler.h"
#include "monitor/hardware/l1/msr_state.h"
#include "monitor/svm/vcpu.h"

/* The highest address bit that nested paging of four levels translates. */
#define L1_CBIT      47
#define L1_ALIAS_BIT BIT(L1_CBIT)

/* What a processor of its has beyond what a VMCB holds. */
struct l1 {
	struct vcpu *v;
	u64 efer; /* SVME as L1 wrote it */
	struct l1_msrs msrs;
	bool gif;    /* the global interrupt flag: APM2 15.17 */
	bool x2apic; /* the mode of its local APIC, where it is played */
};

/* @v's, a processor of L1's; and that of the processor that executes this: NULL without an L1. */
struct l1 *l1_of(const struct vcpu *v);
struct l1 *l1_here(void);

/* Before the map of L1's memory, of @page_count pages, is made: takes memory. */
void l1_init(u64 page_count);
/* @v starts, by a loader or an INIT, which leaves its MSRs: its VMCB's control area. */
void l1_launch(struct vcpu *v);
/*
 * VMRUN of L1 or of a guest of its, which must intercept NMIs. What EVENTINJ has is delivered once,
 * see smp_deliver_once(). After an exit for an NMI the processor's vcpu knows of it, if it was none
 * of the monitor's own.
 */
void l1_vmrun(struct vcpu *v);
/* Runs L1 on @v. */
noreturn_t l1_run(struct vcpu *v);

/* GIF becomes @gif; what was held back comes with the next entry. */
void l1_set_gif(struct l1 *p, bool gif);

/*
 * Whether [@pa, @pa + @size) is memory of L1's, so that the monitor may use it for L1: RAM that is
 * not the monitor's, and no device.
 */
bool l1_has(u64 pa, u64 size);
