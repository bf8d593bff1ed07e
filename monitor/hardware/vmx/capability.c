/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See capability.h.
 */
#include "monitor/hardware/vmx/capability.h"

#include "monitor/hardware/vmx/vmcs.h"

#define PIN_OFFERED (VMX_PIN_INTERRUPT | VMX_PIN_NMI)
#define PRIMARY_OFFERED                                                                            \
	(VMX_PRIMARY_INTERRUPT_WINDOW | VMX_PRIMARY_TSC_OFFSET | VMX_PRIMARY_HLT |                 \
	 VMX_PRIMARY_INVLPG | VMX_PRIMARY_MWAIT | VMX_PRIMARY_RDPMC | VMX_PRIMARY_RDTSC |          \
	 VMX_PRIMARY_CR3_LOAD | VMX_PRIMARY_CR3_STORE | VMX_PRIMARY_CR8_LOAD |                     \
	 VMX_PRIMARY_CR8_STORE | VMX_PRIMARY_MOV_DR | VMX_PRIMARY_IO | VMX_PRIMARY_IO_BITMAPS |    \
	 VMX_PRIMARY_MSR_BITMAPS | VMX_PRIMARY_MONITOR | VMX_PRIMARY_PAUSE |                       \
	 VMX_PRIMARY_SECONDARY)
#define SECONDARY_OFFERED                                                                          \
	(VMX_SECONDARY_EPT | VMX_SECONDARY_RDTSCP | VMX_SECONDARY_VPID | VMX_SECONDARY_WBINVD |    \
	 VMX_SECONDARY_UNRESTRICTED)
#define EXIT_OFFERED                                                                               \
	(VMX_CTL_EXIT_SAVE_DEBUG | VMX_CTL_EXIT_HOST_64 | VMX_CTL_EXIT_ACKNOWLEDGE |               \
	 VMX_CTL_EXIT_SAVE_PAT | VMX_CTL_EXIT_LOAD_PAT | VMX_CTL_EXIT_SAVE_EFER |                  \
	 VMX_CTL_EXIT_LOAD_EFER)
#define ENTRY_OFFERED                                                                              \
	(VMX_CTL_ENTRY_LOAD_DEBUG | VMX_CTL_ENTRY_64 | VMX_CTL_ENTRY_LOAD_PAT |                    \
	 VMX_CTL_ENTRY_LOAD_EFER)

/* What the TRUE MSRs let be 0 of default1: A.3.2, A.4, A.5 */
#define PRIMARY_LATER (VMX_PRIMARY_CR3_LOAD | VMX_PRIMARY_CR3_STORE)

static const struct {
	u32 default1;
	u32 later; /* of it, may be 0 nowadays */
	u32 offered;
} controls[] = {
	[VMX_CONTROL_PIN] = { VMX_PIN_DEFAULT1, 0, PIN_OFFERED },
	[VMX_CONTROL_PRIMARY] = { VMX_PRIMARY_DEFAULT1, PRIMARY_LATER, PRIMARY_OFFERED },
	[VMX_CONTROL_SECONDARY] = { 0, 0, SECONDARY_OFFERED },
	[VMX_CONTROL_EXIT] = { VMX_EXIT_DEFAULT1, VMX_CTL_EXIT_SAVE_DEBUG, EXIT_OFFERED },
	[VMX_CONTROL_ENTRY] = { VMX_ENTRY_DEFAULT1, VMX_CTL_ENTRY_LOAD_DEBUG, ENTRY_OFFERED },
};

static u32 must_be(enum vmx_control c) { return controls[c].default1 & ~controls[c].later; }

static u32 may_be(enum vmx_control c) { return controls[c].default1 | controls[c].offered; }

bool vmx_control_is_allowed(enum vmx_control c, u32 value)
{
	return !(must_be(c) & ~value) && !(value & ~may_be(c));
}

/* Bits that must be 1, and above them those that may. */
static u64 limits(enum vmx_control c, bool true_msr)
{
	return (u64)may_be(c) << 32 | (true_msr ? must_be(c) : controls[c].default1);
}

static u64 basic(void)
{
	return VMX_REVISION | (u64)PAGE_SIZE << VMX_BASIC_SIZE_SHIFT |
	       (u64)VMX_MEMORY_WB << VMX_BASIC_TYPE_SHIFT | VMX_BASIC_TRUE;
}

static u64 misc(void)
{
	return VMX_MISC_STORES_LMA | VMX_MISC_HLT | (u64)VMX_CR3_TARGETS << VMX_MISC_CR3_SHIFT;
}

bool vmx_capability(u64 cr4_known, u32 msr, u64 *value)
{
	switch (msr) {
	case MSR_VMX_BASIC: *value = basic(); return true;
	case MSR_VMX_PIN: *value = limits(VMX_CONTROL_PIN, false); return true;
	case MSR_VMX_PRIMARY: *value = limits(VMX_CONTROL_PRIMARY, false); return true;
	case MSR_VMX_EXIT: *value = limits(VMX_CONTROL_EXIT, false); return true;
	case MSR_VMX_ENTRY: *value = limits(VMX_CONTROL_ENTRY, false); return true;
	case MSR_VMX_MISC: *value = misc(); return true;
	case MSR_VMX_CR0_FIXED0: *value = VMX_CR0_FIXED; return true;
	case MSR_VMX_CR0_FIXED1: *value = bits_mask(32); return true;
	case MSR_VMX_CR4_FIXED0: *value = CR4_VMXE; return true;
	case MSR_VMX_CR4_FIXED1: *value = cr4_known; return true;
	case MSR_VMX_VMCS_ENUM: *value = (u64)vmcs_index_highest() << 1; return true;
	case MSR_VMX_SECONDARY: *value = limits(VMX_CONTROL_SECONDARY, false); return true;
	case MSR_VMX_EPT_VPID_CAP: *value = VMX_EPT_VPID_CAPABILITIES; return true;
	case MSR_VMX_TRUE_PIN: *value = limits(VMX_CONTROL_PIN, true); return true;
	case MSR_VMX_TRUE_PRIMARY: *value = limits(VMX_CONTROL_PRIMARY, true); return true;
	case MSR_VMX_TRUE_EXIT: *value = limits(VMX_CONTROL_EXIT, true); return true;
	case MSR_VMX_TRUE_ENTRY: *value = limits(VMX_CONTROL_ENTRY, true); return true;
	default: return false;
	}
}

bool vmx_cr0_is_allowed(u64 cr0) { return !(VMX_CR0_FIXED & ~cr0) && !(cr0 & ~bits_mask(32)); }

bool vmx_cr4_is_allowed(u64 cr4, u64 cr4_known) { return cr4 & CR4_VMXE && !(cr4 & ~cr4_known); }

bool vmx_eptp_is_legal(u64 eptp)
{
	u64 type = eptp & EPTP_TYPE_MASK;

	return (type == VMX_MEMORY_UC || type == VMX_MEMORY_WB) &&
	       bits_get(eptp, 5, EPTP_LENGTH_SHIFT) == 4 - 1 && !(eptp & EPTP_RESERVED) &&
	       vmx_is_address(eptp);
}
