/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a TD's other processors wait, as the firmware that a direct boot has not would have left
 * them: in a loop in the guest's memory, at a mailbox that the MADT names.
 * Spec: ACPI 6.5, 5.2.12.19; TDVF 4.3 (waking other processors).
 */
#pragma once

#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

/* Takes memory from the guest's map, and changes its MADT. -E_NOMEM, -E_NOSPC. */
must_check int mailbox_place(void);

/*
 * @v touches the page at @gpa: if it is the mailbox's, the others come. Until then nobody can see
 * that they do not run yet, and they take no time from those that do.
 */
void mailbox_touched(struct vcpu *v, u64 gpa);

/* The state in which @v waits. */
void mailbox_vmsa(const struct vcpu *v, struct vmsa *vmsa);
