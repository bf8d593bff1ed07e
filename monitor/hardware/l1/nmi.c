/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See nmi.h.
 */
#include "monitor/hardware/l1/nmi.h"

#include "monitor/svm/inject.h"
#include "monitor/svm/step.h"
#include "monitor/svm/vmcb.h"

bool l1_nmi_is_due(const struct vcpu *v) { return v->nmi_pending && !v->nmi_blocked; }

void l1_nmi_ready(struct vcpu *v)
{
	if (!l1_nmi_is_due(v) || inject_pending(v))
		return;
	v->nmi_pending = false;
	v->nmi_blocked = true;
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_IRET, true);
	inject_nmi(v);
}
