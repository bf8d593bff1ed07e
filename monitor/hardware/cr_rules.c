/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cr_rules.h.
 */
#include "monitor/hardware/cr_rules.h"

#include "abi/x86.h"

#define CR3_PCID 0xfff

bool cr0_is_legal(const struct vmsa *s, u64 cr0)
{
	bool is_long = s->cs.attrib & SEG_ATTRIB_L;

	if (cr0 >> 32 || (cr0 & CR0_PG && !(cr0 & CR0_PE)) || (cr0 & CR0_NW && !(cr0 & CR0_CD)))
		return false;
	if (!(cr0 & CR0_PG) && s->cr4 & CR4_PCIDE)
		return false;
	if (!((s->cr0 ^ cr0) & CR0_PG) || !(s->efer & EFER_LME))
		return true;
	return !is_long && (s->cr4 & CR4_PAE || !(cr0 & CR0_PG));
}

/* PCIDs begin in long mode, with the first one. */
static bool pcide_is_legal(const struct vmsa *s, u64 cr4)
{
	if (!(cr4 & ~s->cr4 & CR4_PCIDE))
		return true;
	return s->efer & EFER_LMA && !(s->cr3 & CR3_PCID);
}

bool cr4_is_legal(const struct vmsa *s, u64 cr4, u64 offered)
{
	return !(cr4 & ~offered) && (cr4 & CR4_PAE || !(s->efer & EFER_LMA)) &&
	       pcide_is_legal(s, cr4);
}
