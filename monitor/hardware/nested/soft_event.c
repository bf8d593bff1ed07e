/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See soft_event.h.
 */
#include "monitor/hardware/nested/soft_event.h"

#include "abi/ghcb.h"
#include "abi/svm.h"
#include "abi/x86.h"

static bool is_soft(u64 event)
{
	u64 type = bits_get(event, 10, 8), vector = event & EVENT_VECTOR_MASK;

	if (!(event & EVENT_VALID))
		return false;
	return type == EVENT_TYPE_SOFT_INTR ||
	       (type == EVENT_TYPE_EXCEPTION && (vector == VEC_BP || vector == VEC_OF));
}

void soft_event_begin(struct nested *n, u64 next_rip)
{
	struct vmcb *vmcb = n->l2.vmcb;

	n->soft_event = is_soft(vmcb->control.event_inj) ? (u32)vmcb->control.event_inj : 0;
	if (!n->soft_event)
		return;
	n->soft_event_rip = vmcb->save.rip;
	n->soft_event_next = next_rip;
	vmcb->save.rip = next_rip;
}

void soft_event_exit(struct nested *n, bool to_host)
{
	struct vmcb *vmcb = n->l2.vmcb;

	if ((u32)vmcb->control.exit_int_info != n->soft_event ||
	    vmcb->save.rip != n->soft_event_next)
		n->soft_event = 0; /* it was delivered: what is broken off is an INT of L2's own */
	if (!n->soft_event)
		return;
	if (to_host)
		vmcb->save.rip = n->soft_event_rip;
	else
		vmcb->control.event_inj = n->soft_event;
}
