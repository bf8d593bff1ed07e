/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSRs of an SNP host's processor that QEMU's has not, or has for the monitor. Pure.
 * Spec: APM2 15.30 (VM_CR, VM_HSAVE_PA), 15.34.3 (SYSCFG), 15.36.2 (SNP_EN, RMP_BASE, RMP_END).
 */
#pragma once

#include "abi/svm.h"
#include "lib/errno.h"

/* What is kept of branch records: all but the recording. APM2 13.1.1 */
struct l1_branches {
	u64 debugctl;
	u64 records[4]; /* from MSR_BR_FROM on: they change by VMRUN and #VMEXIT alone */
};

struct l1_msrs {
	struct l1_branches branches;
	u64 hsave_pa;
	u64 vm_cr;
	u64 syscfg;
	u64 hwcr;
	u64 rmp_base;
	u64 rmp_end; /* the address of its last byte */
};

/* As firmware leaves them: memory encryption is on, SMM is locked, the RMP has no place. */
void l1_msrs_reset(struct l1_msrs *msrs);

/* @write: takes @value; else returns it there. -E_INVAL: #GP. */
must_check int l1_msrs_access(struct l1_msrs *msrs, u32 msr, bool write, u64 *value);
