/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See branches.h.
 */
#include "monitor/hardware/nested/branches.h"

#include "monitor/hardware/l1/l1.h"

void nested_branches_begin(struct nested *n, u64 virt_ext)
{
	struct l1_branches *b = &n->host->msrs.branches;
	const struct vmsa *s = &n->l2.vmcb->save;

	n->swaps_branches = virt_ext & VMCB_LBR_VIRT || n->mode >= NESTED_SEV_ES;
	if (!n->swaps_branches)
		return;
	n->host_branches = *b;
	*b = (struct l1_branches){
		s->dbgctl & AMD_DEBUGCTL_KNOWN,
		{ s->br_from, s->br_to, s->last_excp_from, s->last_excp_to },
	};
}

void nested_branches_end(struct nested *n)
{
	struct l1_branches *b = &n->host->msrs.branches;
	struct vmsa *s = &n->l2.vmcb->save;

	if (!n->swaps_branches)
		return;
	s->dbgctl = b->debugctl;
	s->br_from = b->records[0];
	s->br_to = b->records[1];
	s->last_excp_from = b->records[2];
	s->last_excp_to = b->records[3];
	*b = n->host_branches;
}
