/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PV EOI: the host sets a bit when it can do without the EOI of the interrupt it injects, and
 * looks whether we cleared it. Spec: KVM-MSR, MSR_KVM_PV_EOI_EN.
 */
#include "abi/kvm_para.h"
#include "lib/compiler.h"
#include "paravirt/pv_pages.h"
#include "paravirt/pv_pages_host.h"

bool pv_eoi_consume(void)
{
	u32 *flags = pv_page_registered(PV_PAGE_EOI);

	/* Atomic: the host may take the bit back at any exit between the test and the clearing. */
	return flags && __atomic_fetch_and(flags, ~(u32)BIT(KVM_PV_EOI_BIT), __ATOMIC_RELAXED) &
				BIT(KVM_PV_EOI_BIT);
}
