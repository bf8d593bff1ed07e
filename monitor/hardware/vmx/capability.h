/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the VMX that is played can do, as its capability MSRs say it. What is not played is not
 * offered here, and an entry that asks for it fails: the one list for both. Pure.
 * Spec: SDM3 appendix A.
 *
 * Not offered: virtual NMIs, NMI windows, the preemption timer, the TPR shadow and all of APICv,
 * the monitor trap flag, PML, EPT of five levels or executable only, mode-based execution, VM
 * functions, shadow VMCSs, #VE, TSC scaling, XSAVES, tertiary controls, dual-monitor treatment,
 * INVPCID.
 */
#pragma once

#include "abi/vmx.h"

#define VMX_REVISION      0x00505654 /* of VMCS regions, which are of this monitor's format */
#define VMX_PHYSICAL_BITS 46
#define VMX_CR3_TARGETS   4
#define VMX_CR0_FIXED     0x80000021 /* PG, NE, PE: 1 in VMX operation */
#define VMX_EPT_VPID_CAPABILITIES                                                                  \
	(VMX_EPT_WALK_4 | VMX_EPT_UC | VMX_EPT_WB | VMX_EPT_2M | VMX_EPT_1G | VMX_EPT_INVEPT |     \
	 VMX_EPT_AD | VMX_EPT_INVEPT_SINGLE | VMX_EPT_INVEPT_ALL | VMX_VPID_INVVPID |              \
	 VMX_VPID_ADDRESS | VMX_VPID_SINGLE | VMX_VPID_ALL | VMX_VPID_RETAIN_GLOBAL)

enum vmx_control {
	VMX_CONTROL_PIN,
	VMX_CONTROL_PRIMARY,
	VMX_CONTROL_SECONDARY,
	VMX_CONTROL_EXIT,
	VMX_CONTROL_ENTRY,
};

/* Whether a VMCS may have @value there: by the TRUE MSRs. */
bool vmx_control_is_allowed(enum vmx_control control, u32 value);

/*
 * The MSRs: IA32_VMX_BASIC and the ones that follow, where CR4 may have @cr4_known, VMXE among it.
 * False: there is none of that number.
 */
bool vmx_capability(u64 cr4_known, u32 msr, u64 *value);

/* What CR0 and CR4 must have in VMX operation: A.7, A.8. */
bool vmx_cr0_is_allowed(u64 cr0);
bool vmx_cr4_is_allowed(u64 cr4, u64 cr4_known);

/* Whether an EPT pointer is one that an entry takes: 27.2.1.1 */
bool vmx_eptp_is_legal(u64 eptp);

/* In 48 bits: 5-level paging (LA57) is not offered. */
static inline bool vmx_is_canonical(u64 linear)
{
	return linear == (u64)((s64)(linear << 16) >> 16);
}

/* A physical address within the processor's width; and aligned. */
static inline bool vmx_is_address(u64 pa) { return !(pa & ~bits_mask(VMX_PHYSICAL_BITS)); }
static inline bool vmx_is_page(u64 pa) { return vmx_is_address(pa) && !(pa % PAGE_SIZE); }
