/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The security processor of L1's machine: a PCI function with registers.
 */
#pragma once

#include "monitor/hardware/l1/device.h"
#include "monitor/hardware/psp/psp.h"

extern struct l1_device l1_psp_device;

/* Its requester id. */
u16 l1_psp_id(void);

/* From SNP_INIT until a shutdown that includes the I/O MMU. */
bool l1_psp_guards_iommu(void);

/*
 * Before @v enters L1: a command that inject=psp-late has put off is answered when it is due. Until
 * then a processor that halts wakes at once.
 */
void l1_psp_ready(struct vcpu *v);

/* L1's processor @cpu has executed WBINVD. */
void l1_psp_wbinvd(unsigned int cpu);
