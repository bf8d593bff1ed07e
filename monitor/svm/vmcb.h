/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control area: what the monitor intercepts, for which kind of guest.
 */
#pragma once

#include "abi/vmcb.h"
#include "monitor/svm/vcpu.h"

/* CR0 writes that change more than TS and MP: APM2 15.8.1 */
#define VMCB_INTERCEPT_CR0_SEL_WRITE 101
#define EXIT_CR0_SEL_WRITE           0x65
#define EXIT_CR4_WRITE               0x14
#define EXIT_XSETBV                  0x8d
#define EXIT_CR8_WRITE               0x18

/* Makes the VMCB anew: the control area for the guest's kind, no state. */
void vmcb_init(struct vcpu *v);

static inline void vmcb_intercept(struct vmcb *vmcb, unsigned int bit, bool on)
{
	u32 mask = 1u << (bit % 32);

	vmcb->control.intercepts[bit / 32] &= ~mask;
	if (on)
		vmcb->control.intercepts[bit / 32] |= mask;
}
