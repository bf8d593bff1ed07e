/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See nmi.h. Behind IRET is where a step ends: the IRET itself takes TF away again, since the flags
 * that it loads were pushed without.
 */
#include "monitor/hardware/l1/nmi.h"

#include "monitor/svm/inject.h"
#include "monitor/svm/vmcb.h"

void l1_nmi_ready(struct vcpu *v)
{
	if (!v->nmi_pending || v->nmi_blocked || inject_pending(v))
		return;
	v->nmi_pending = false;
	v->nmi_blocked = true;
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_IRET, true);
	inject_nmi(v);
}

void l1_nmi_iret(struct vcpu *v)
{
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_IRET, false);
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_EXCEPTION(VEC_DB), true);
	v->vmcb->save.rflags |= RFLAGS_TF;
}

void l1_nmi_step(struct vcpu *v)
{
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_EXCEPTION(VEC_DB), false);
	v->vmcb->save.dr6 &= ~(u64)DR6_BS;
	v->nmi_blocked = false;
}
