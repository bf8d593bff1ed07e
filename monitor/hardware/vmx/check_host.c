/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See check.h: the host's state, which an exit loads. Spec: SDM3 27.2.2 to 27.2.4.
 */
#include "monitor/hardware/vmx/check.h"

#include "abi/x86.h"
#include "monitor/hardware/vmx/capability.h"

#define SELECTOR_TI_RPL 0x7
#define EFER_KNOWN      (EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)

bool vmx_pat_is_legal(u64 pat)
{
	for (unsigned int i = 0; i < 8; i++, pat >>= 8)
		if ((u8)pat > 7 || (u8)pat == 2 || (u8)pat == 3)
			return false;
	return true;
}

bool vmx_efer_is_legal(u64 efer) { return !(efer & ~(u64)EFER_KNOWN); }

static const char *check_registers(const struct vmcs_fields *f, const struct vmx_check *c)
{
	bool is_64 = f->exit_controls & VMX_CTL_EXIT_HOST_64;
	u64 lma = is_64 ? EFER_LME | EFER_LMA : 0;

	VMX_RULE(vmx_cr0_is_allowed(f->host_cr0), "host CR0");
	VMX_RULE(vmx_cr4_is_allowed(f->host_cr4, c->cr4_known), "host CR4");
	VMX_RULE(vmx_is_address(f->host_cr3), "host CR3");
	VMX_RULE(vmx_is_canonical(f->host_sysenter_esp) && vmx_is_canonical(f->host_sysenter_eip),
		 "host SYSENTER");
	VMX_RULE(!(f->exit_controls & VMX_CTL_EXIT_LOAD_PAT) || vmx_pat_is_legal(f->host_pat),
		 "host PAT");
	VMX_RULE(!(f->exit_controls & VMX_CTL_EXIT_LOAD_EFER) ||
			 (vmx_efer_is_legal(f->host_efer) &&
			  (f->host_efer & (EFER_LME | EFER_LMA)) == lma),
		 "host EFER");
	return NULL;
}

static const char *check_host_segments(const struct vmcs_fields *f)
{
	u64 selectors = f->host_es_selector | f->host_cs_selector | f->host_ss_selector |
			f->host_ds_selector | f->host_fs_selector | f->host_gs_selector |
			f->host_tr_selector;

	VMX_RULE(!(selectors & SELECTOR_TI_RPL), "host selector's TI or RPL");
	VMX_RULE(f->host_cs_selector && f->host_tr_selector, "host CS or TR");
	VMX_RULE(f->exit_controls & VMX_CTL_EXIT_HOST_64 || f->host_ss_selector, "host SS");
	VMX_RULE(vmx_is_canonical(f->host_fs_base) && vmx_is_canonical(f->host_gs_base) &&
			 vmx_is_canonical(f->host_tr_base),
		 "host segment's base");
	VMX_RULE(vmx_is_canonical(f->host_gdtr_base) && vmx_is_canonical(f->host_idtr_base),
		 "host GDTR or IDTR");
	return NULL;
}

static const char *check_size(const struct vmcs_fields *f, const struct vmx_check *c)
{
	bool is_64 = f->exit_controls & VMX_CTL_EXIT_HOST_64;
	bool guest_64 = f->entry_controls & VMX_CTL_ENTRY_64;

	VMX_RULE(c->lma == is_64, "host address-space size");
	VMX_RULE(is_64 || !guest_64, "64-bit guest of a 32-bit host");
	VMX_RULE(is_64 || (!(f->host_cr4 & CR4_PCIDE) && !(f->host_rip >> 32)),
		 "32-bit host's CR4 or RIP");
	VMX_RULE(!is_64 || (f->host_cr4 & CR4_PAE && vmx_is_canonical(f->host_rip)),
		 "64-bit host's CR4 or RIP");
	return NULL;
}

const char *vmx_check_host(const struct vmcs_fields *f, const struct vmx_check *c)
{
	const char *rule = check_registers(f, c);

	if (!rule)
		rule = check_host_segments(f);
	return rule ? rule : check_size(f, c);
}
