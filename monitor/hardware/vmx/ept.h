/* SPDX-License-Identifier: Apache-2.0 */
/*
 * L1's extended page tables, walked as the processor does: what becomes of one access, and with
 * EPTP_AD the accessed and dirty flags. Every entry is read once, and only where L1 has memory. The
 * answer is that of hardware/nested/l1_npt.h, so that one software TLB is filled from both.
 * Spec: SDM3 29.3.2 (translation), 29.3.3.1 (misconfigurations), 29.3.3.2 (violations), 29.3.5
 * (accessed and dirty flags).
 */
#pragma once

#include "abi/vmx.h"
#include "monitor/hardware/nested/l1_npt.h"

enum ept_outcome {
	EPT_TRANSLATES,
	EPT_VIOLATION,
	EPT_MISCONFIG,
};

/* EPT_R, EPT_W, EPT_X: what the access needs; what all levels allow. */
struct ept_access {
	u64 needs;
	u64 allowed; /* set by ept_walk(), but for a misconfiguration */
};

/* Translates @gpa by @eptp, which vmx_eptp_is_legal(). A page that is not dirty is not writable. */
enum ept_outcome ept_walk(u64 eptp, u64 gpa, struct ept_access *access, struct l1_npt_leaf *leaf);

/* Exit qualification of a violation: of a linear address's page (@final), or of a table for it. */
u64 ept_qualification(const struct ept_access *access, bool has_linear, bool final);
