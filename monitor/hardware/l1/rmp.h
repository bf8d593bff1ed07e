/* SPDX-License-Identifier: Apache-2.0 */
/*
 * L1's RMP: where firmware puts it, from when on it counts, and what L1 does with it and suffers by
 * it. The table itself is rmp_table.h's. Spec: APM2 15.36.2, 15.36.10; APM3 RMPUPDATE, PSMASH.
 */
#pragma once

#include "monitor/hardware/l1/msr_state.h"
#include "monitor/hardware/rmp_table.h"
#include "monitor/svm/vcpu.h"

/* Takes memory for one of @page_count pages; firmware calls it reserved. */
void l1_rmp_init(u64 page_count);
/* ... and tells where. */
void l1_rmp_place(struct l1_msrs *msrs);

/* SNP_EN has been set: the table counts. -E_INVAL: RMP_BASE and RMP_END are no such table. */
must_check int l1_rmp_enable(const struct l1_msrs *msrs);

/* NULL: SNP is not enabled. */
struct rmp_table *l1_rmp(void);

/* A part of the table's memory, which is the monitor's otherwise. */
bool l1_rmp_has(u64 pa);

/* RMPUPDATE, PSMASH, after #UD. False: it is neither, or there is no SNP. */
bool l1_rmp_insn(struct vcpu *v, const struct insn *insn);

/*
 * Whether the processor may write the page at @pa for L1, where nothing is mapped and no #PF tells
 * of it; and whether the I/O MMU may, to which SNP_INIT gives pages of the firmware's.
 */
bool l1_rmp_lets_write(u64 pa);
bool l1_rmp_lets_iommu_write(u64 pa);

/*
 * VMRUN takes a page of L1's into use, which its exit stores to, and the exit gives it back: in
 * between it stays L1's. False: it is not, or another processor runs on it. APM2 15.36.12
 */
bool l1_rmp_use(u64 pa);
void l1_rmp_unuse(u64 pa);

/*
 * L1 touches @pa: how it may be mapped for it. False: it got #PF instead.
 */
struct l1_rmp_view {
	bool write;
	bool large; /* all of the 2M around it can be mapped so */
};
bool l1_rmp_access(struct vcpu *v, u64 pa, u64 info, struct l1_rmp_view *view);
