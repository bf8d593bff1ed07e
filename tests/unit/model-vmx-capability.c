/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The capability MSRs say what an entry takes, bit by bit, and all that KVM insists on.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>

#include "../../abi/x86.h"
#include "../../monitor/hardware/vmx/capability.c"
#include "../../monitor/hardware/vmx/vmcs.c"

#define CR4_KNOWN (CR4_VMXE | CR4_PAE | CR4_SMEP)

static u64 get(u32 msr)
{
	u64 value = 0;

	assert(vmx_capability(CR4_KNOWN, msr, &value));
	return value;
}

/* A control of one word, by its MSR: a value is allowed as A.2 says. */
static void test_word(enum vmx_control control, u32 msr, u32 true_msr)
{
	u64 limits = get(true_msr);
	u32 must = (u32)limits, may = (u32)(limits >> 32);

	assert(!(must & ~may) && (u32)(get(msr) >> 32) == may && !(must & ~(u32)get(msr)));
	assert(vmx_control_is_allowed(control, must) && vmx_control_is_allowed(control, may));
	for (unsigned int i = 0; i < 32; i++) {
		assert(vmx_control_is_allowed(control, must & ~(u32)BIT(i)) == !(must & BIT(i)));
		assert(vmx_control_is_allowed(control, may | (u32)BIT(i)) == !!(may & BIT(i)));
	}
}

/* KVM_REQUIRED_VMX_* of Linux 6.12: what it does not find there it refuses to load for. */
static void test_linux(void)
{
	const u64 primary = VMX_PRIMARY_HLT | VMX_PRIMARY_CR3_LOAD | VMX_PRIMARY_CR3_STORE |
			    VMX_PRIMARY_IO | VMX_PRIMARY_MOV_DR | VMX_PRIMARY_TSC_OFFSET |
			    VMX_PRIMARY_MWAIT | VMX_PRIMARY_MONITOR | VMX_PRIMARY_INVLPG |
			    VMX_PRIMARY_RDPMC | VMX_PRIMARY_INTERRUPT_WINDOW |
			    VMX_PRIMARY_CR8_LOAD | VMX_PRIMARY_CR8_STORE;
	const u64 ept = VMX_EPT_WALK_4 | VMX_EPT_WB | VMX_EPT_INVEPT | VMX_EPT_INVEPT_ALL;

	assert(!(primary & ~(get(MSR_VMX_TRUE_PRIMARY) >> 32)));
	assert(!((VMX_PIN_INTERRUPT | VMX_PIN_NMI) & ~(get(MSR_VMX_TRUE_PIN) >> 32)));
	assert(get(MSR_VMX_TRUE_EXIT) >> 32 & VMX_CTL_EXIT_HOST_64);
	assert(get(MSR_VMX_TRUE_EXIT) >> 32 & VMX_CTL_EXIT_ACKNOWLEDGE);
	assert(get(MSR_VMX_TRUE_EXIT) >> 32 & VMX_CTL_EXIT_SAVE_DEBUG);
	assert(get(MSR_VMX_TRUE_ENTRY) >> 32 & VMX_CTL_ENTRY_64);
	assert(get(MSR_VMX_TRUE_ENTRY) >> 32 & VMX_CTL_ENTRY_LOAD_DEBUG);
	assert(!(ept & ~get(MSR_VMX_EPT_VPID_CAP)));
	assert((get(MSR_VMX_BASIC) >> 32 & 0x1fff) == PAGE_SIZE); /* at most */
	assert((get(MSR_VMX_BASIC) >> 50 & 0xf) == VMX_MEMORY_WB);
	assert(!(get(MSR_VMX_BASIC) & VMCS_SHADOW));
}

static void test_fixed(void)
{
	assert(vmx_cr0_is_allowed(0x80050033) && !vmx_cr0_is_allowed(0x50033));
	assert(!vmx_cr0_is_allowed(BIT(32) | 0x80050033));
	assert(vmx_cr4_is_allowed(CR4_VMXE, CR4_KNOWN) && !vmx_cr4_is_allowed(CR4_PAE, CR4_KNOWN));
	assert(!vmx_cr4_is_allowed(CR4_VMXE | CR4_SMAP, CR4_KNOWN));
	assert(get(MSR_VMX_CR4_FIXED1) == CR4_KNOWN && get(MSR_VMX_CR4_FIXED0) == CR4_VMXE);
	assert(get(MSR_VMX_CR0_FIXED0) == 0x80000021 && get(MSR_VMX_VMCS_ENUM) == 0x2a);
}

int main(void)
{
	u64 value;

	test_word(VMX_CONTROL_PIN, MSR_VMX_PIN, MSR_VMX_TRUE_PIN);
	test_word(VMX_CONTROL_PRIMARY, MSR_VMX_PRIMARY, MSR_VMX_TRUE_PRIMARY);
	test_word(VMX_CONTROL_SECONDARY, MSR_VMX_SECONDARY, MSR_VMX_SECONDARY);
	test_word(VMX_CONTROL_EXIT, MSR_VMX_EXIT, MSR_VMX_TRUE_EXIT);
	test_word(VMX_CONTROL_ENTRY, MSR_VMX_ENTRY, MSR_VMX_TRUE_ENTRY);
	assert(!vmx_capability(CR4_KNOWN, MSR_VMX_TRUE_ENTRY + 1, &value)); /* VM functions */
	assert(!vmx_capability(CR4_KNOWN, MSR_VMX_BASIC - 1, &value));
	test_linux();
	test_fixed();
	return 0;
}
