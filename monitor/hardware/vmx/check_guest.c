/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See check.h: the guest's registers, and what else decides whether it can go on there.
 * Spec: SDM3 27.3.1.1, 27.3.1.4 to 27.3.1.6.
 */
#include "monitor/hardware/vmx/check.h"

#include "abi/x86.h"
#include "monitor/hardware/l1/frame.h"
#include "monitor/hardware/vmx/capability.h"
#include "lib/compiler.h"

#define DEBUGCTL_KNOWN  0x3 /* LBR, BTF */
#define DEBUGCTL_BTF    BIT(1)
#define RFLAGS_RESERVED (~U64_C(0x3f7fd7))
/* Of a PDPTE that is present: 29.2, and table 4-8 */
#define PDPTE_RESERVED U64_C(0x1e6)
/* Of pending debug exceptions: hits, enabled, BS */
#define PENDING_KNOWN (VMX_PENDING_DEBUG_HITS | VMX_PENDING_DEBUG_ENABLED | VMX_PENDING_DEBUG_BS)
#define BLOCKED       (VMX_BLOCKED_BY_STI | VMX_BLOCKED_BY_MOV_SS)

static bool cr0_is_legal(const struct vmcs_fields *f)
{
	bool unrestricted = vmx_secondary(f) & VMX_SECONDARY_UNRESTRICTED;
	u64 free_bits = unrestricted ? CR0_PE | CR0_PG : 0;

	return vmx_cr0_is_allowed(f->guest_cr0 | free_bits) &&
	       (f->guest_cr0 & CR0_PE || !(f->guest_cr0 & CR0_PG));
}

static bool efer_is_legal(const struct vmcs_fields *f)
{
	u64 efer = f->guest_efer;
	bool lma = efer & EFER_LMA, lme = efer & EFER_LME;

	return vmx_efer_is_legal(efer) && lma == !!(f->entry_controls & VMX_CTL_ENTRY_64) &&
	       (!(f->guest_cr0 & CR0_PG) || lma == lme);
}

static const char *check_guest_registers(const struct vmcs_fields *f, const struct vmx_check *c)
{
	bool is_64 = f->entry_controls & VMX_CTL_ENTRY_64;

	VMX_RULE(cr0_is_legal(f), "guest CR0");
	VMX_RULE(vmx_cr4_is_allowed(f->guest_cr4, c->cr4_known), "guest CR4");
	VMX_RULE(!(f->entry_controls & VMX_CTL_ENTRY_LOAD_DEBUG) ||
			 (!(f->guest_debugctl & ~(u64)DEBUGCTL_KNOWN) && !(f->guest_dr7 >> 32)),
		 "guest DEBUGCTL or DR7");
	VMX_RULE(!is_64 || (f->guest_cr0 & CR0_PG && f->guest_cr4 & CR4_PAE),
		 "64-bit guest without paging");
	VMX_RULE(is_64 || !(f->guest_cr4 & CR4_PCIDE), "PCIDs of a 32-bit guest");
	VMX_RULE(vmx_is_address(f->guest_cr3), "guest CR3");
	VMX_RULE(vmx_is_canonical(f->guest_sysenter_esp) && vmx_is_canonical(f->guest_sysenter_eip),
		 "guest SYSENTER");
	VMX_RULE(!(f->entry_controls & VMX_CTL_ENTRY_LOAD_PAT) || vmx_pat_is_legal(f->guest_pat),
		 "guest PAT");
	VMX_RULE(!(f->entry_controls & VMX_CTL_ENTRY_LOAD_EFER) || efer_is_legal(f), "guest EFER");
	return NULL;
}

static const char *check_flow(const struct vmcs_fields *f)
{
	bool is_64 = f->entry_controls & VMX_CTL_ENTRY_64;
	u64 flags = f->guest_rflags;

	if (is_64 && f->guest_cs_rights & VMX_AR_L)
		VMX_RULE(vmx_is_canonical(f->guest_rip), "guest RIP");
	else
		VMX_RULE(!(f->guest_rip >> 32), "guest EIP");
	VMX_RULE(!(flags & RFLAGS_RESERVED) && flags & RFLAGS_FIXED, "guest RFLAGS");
	VMX_RULE(!(flags & RFLAGS_VM) || (!is_64 && f->guest_cr0 & CR0_PE), "virtual-8086 mode");
	VMX_RULE(!vmx_enters_with(f, VMX_EVENT_INTERRUPT) || flags & RFLAGS_IF,
		 "interrupt with IF = 0");
	return NULL;
}

/* Of a halted processor, an event that ends that: 27.3.1.5 */
static bool wakes(const struct vmcs_fields *f)
{
	u64 vector = f->entry_event & VMX_EVENT_VECTOR_MASK;

	if (!(f->entry_event & VMX_EVENT_VALID))
		return true;
	switch (vmx_event_type(f->entry_event)) {
	case VMX_EVENT_INTERRUPT:
	case VMX_EVENT_NMI: return true;
	case VMX_EVENT_EXCEPTION: return vector == VEC_DB || vector == VEC_MC;
	default: return false;
	}
}

static const char *check_blocking(const struct vmcs_fields *f)
{
	u64 blocked = f->guest_interruptibility;

	VMX_RULE(!(blocked & ~(BLOCKED | VMX_BLOCKED_BY_NMI)), "interruptibility");
	VMX_RULE((blocked & BLOCKED) != BLOCKED, "blocking by STI and by MOV SS");
	VMX_RULE(!(blocked & VMX_BLOCKED_BY_STI) || f->guest_rflags & RFLAGS_IF,
		 "blocking by STI with IF = 0");
	VMX_RULE(!vmx_enters_with(f, VMX_EVENT_INTERRUPT) || !(blocked & BLOCKED),
		 "interrupt that is blocked");
	VMX_RULE(!vmx_enters_with(f, VMX_EVENT_NMI) || !(blocked & VMX_BLOCKED_BY_MOV_SS),
		 "NMI that is blocked");
	return NULL;
}

static const char *check_pending_debug(const struct vmcs_fields *f)
{
	u64 pending = f->guest_pending_debug;
	bool steps = f->guest_rflags & RFLAGS_TF && !(f->guest_debugctl & DEBUGCTL_BTF);

	VMX_RULE(!(pending & ~PENDING_KNOWN), "pending debug exceptions");
	VMX_RULE(
		(!(f->guest_interruptibility & BLOCKED) && f->guest_activity != VMX_ACTIVITY_HLT) ||
			steps == !!(pending & VMX_PENDING_DEBUG_BS),
		"pending single step");
	return NULL;
}

const char *vmx_check_activity(const struct vmcs_fields *f)
{
	bool halted = f->guest_activity == VMX_ACTIVITY_HLT;
	const char *rule;

	VMX_RULE(halted || f->guest_activity == VMX_ACTIVITY_ACTIVE, "activity state");
	VMX_RULE(!halted || !(f->guest_ss_rights >> VMX_AR_DPL_SHIFT & 3), "HLT at CPL above 0");
	VMX_RULE(!halted || !(f->guest_interruptibility & BLOCKED), "HLT while blocked");
	VMX_RULE(!halted || wakes(f), "event for a halted processor");
	rule = check_blocking(f);
	return rule ? rule : check_pending_debug(f);
}

static bool link_is_legal(u64 pointer)
{
	const struct vmcs *v;

	if (pointer == VMX_NO_POINTER)
		return true;
	v = vmx_is_page(pointer) ? l1_host_memory(pointer, PAGE_SIZE) : NULL;
	return v && READ_ONCE(v->revision) == VMX_REVISION; /* and no shadow VMCS */
}

static bool pdptes_are_legal(const struct vmcs_fields *f)
{
	const u64 entries[] = { f->guest_pdpte0, f->guest_pdpte1, f->guest_pdpte2,
				f->guest_pdpte3 };
	bool pae = f->guest_cr0 & CR0_PG && f->guest_cr4 & CR4_PAE &&
		   !(f->entry_controls & VMX_CTL_ENTRY_64);

	if (!pae || !(vmx_secondary(f) & VMX_SECONDARY_EPT))
		return true;
	for (unsigned int i = 0; i < array_count(entries); i++)
		if (entries[i] & PTE_P &&
		    (entries[i] & PDPTE_RESERVED || !vmx_is_address(entries[i])))
			return false;
	return true;
}

const char *vmx_check_guest(const struct vmcs_fields *f, const struct vmx_check *c,
			    u64 *qualification)
{
	const char *rule = check_guest_registers(f, c);

	*qualification = 0;
	if (!rule)
		rule = vmx_check_segments(f);
	if (!rule)
		rule = check_flow(f);
	if (!rule)
		rule = vmx_check_activity(f);
	if (rule)
		return rule;
	*qualification = VMX_ENTRY_FAILED_BY_LINK;
	VMX_RULE(link_is_legal(f->link_pointer), "VMCS link pointer");
	*qualification = VMX_ENTRY_FAILED_BY_PDPTE;
	VMX_RULE(pdptes_are_legal(f), "PDPTE");
	*qualification = 0;
	return NULL;
}
