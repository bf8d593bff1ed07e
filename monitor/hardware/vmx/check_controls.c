/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See check.h: VM-execution, exit and entry controls. Spec: SDM3 27.2.1.
 */
#include "monitor/hardware/vmx/check.h"

#include "abi/x86.h"
#include "monitor/hardware/vmx/capability.h"

#define MSR_ENTRY_SIZE 16
/* Vectors that push an error code, without #CP: 27.2.1.3 */
#define ERROR_CODE_VECTORS                                                                         \
	(BIT(VEC_DF) | BIT(VEC_TS) | BIT(VEC_NP) | BIT(VEC_SS) | BIT(VEC_GP) | BIT(VEC_PF) |       \
	 BIT(VEC_AC))
#define EVENT_RESERVED   0x7ffff000
#define INSN_LENGTH_LAST 15

/* A list of MSRs, which has its last byte within the processor's width. */
static bool list_is_legal(u64 pa, u64 count)
{
	return !count || (!(pa % MSR_ENTRY_SIZE) && vmx_is_address(pa) &&
			  vmx_is_address(pa + count * MSR_ENTRY_SIZE - 1));
}

static const char *check_execution(const struct vmcs_fields *f)
{
	u64 secondary = vmx_secondary(f);

	VMX_RULE(vmx_control_is_allowed(VMX_CONTROL_PIN, (u32)f->pin), "pin-based controls");
	VMX_RULE(vmx_control_is_allowed(VMX_CONTROL_PRIMARY, (u32)f->primary), "primary controls");
	VMX_RULE(vmx_control_is_allowed(VMX_CONTROL_SECONDARY, (u32)secondary),
		 "secondary controls");
	VMX_RULE(f->cr3_target_count <= VMX_CR3_TARGETS, "CR3-target count");
	VMX_RULE(!(f->primary & VMX_PRIMARY_IO_BITMAPS) ||
			 (vmx_is_page(f->io_bitmap_a) && vmx_is_page(f->io_bitmap_b)),
		 "I/O bitmaps");
	VMX_RULE(!(f->primary & VMX_PRIMARY_MSR_BITMAPS) || vmx_is_page(f->msr_bitmap),
		 "MSR bitmaps");
	VMX_RULE(!(secondary & VMX_SECONDARY_VPID) || f->vpid, "VPID");
	VMX_RULE(!(secondary & VMX_SECONDARY_EPT) || vmx_eptp_is_legal(f->ept_pointer),
		 "EPT pointer");
	VMX_RULE(!(secondary & VMX_SECONDARY_UNRESTRICTED) || secondary & VMX_SECONDARY_EPT,
		 "unrestricted guest without EPT");
	return NULL;
}

static const char *check_exit(const struct vmcs_fields *f)
{
	VMX_RULE(vmx_control_is_allowed(VMX_CONTROL_EXIT, (u32)f->exit_controls), "exit controls");
	VMX_RULE(list_is_legal(f->exit_msr_store, f->exit_msr_store_count), "exit MSR-store list");
	VMX_RULE(list_is_legal(f->exit_msr_load, f->exit_msr_load_count), "exit MSR-load list");
	return NULL;
}

/* The type and the vector of an event go together. */
static bool event_is_possible(u64 event)
{
	u64 vector = event & VMX_EVENT_VECTOR_MASK;

	switch (vmx_event_type(event)) {
	case 1:
	case VMX_EVENT_OTHER: /* without the monitor trap flag there is none */ return false;
	case VMX_EVENT_NMI: return vector == VEC_NMI;
	case VMX_EVENT_EXCEPTION: return vector < VEC_IRQ_FIRST;
	default: return true;
	}
}

/* Without unrestricted guest, CR0.PE is always 1. */
static bool wants_error_code(const struct vmcs_fields *f)
{
	u64 vector = f->entry_event & VMX_EVENT_VECTOR_MASK;

	if (vmx_secondary(f) & VMX_SECONDARY_UNRESTRICTED && !(f->guest_cr0 & CR0_PE))
		return false;
	return vmx_event_type(f->entry_event) == VMX_EVENT_EXCEPTION && vector < 32 &&
	       ERROR_CODE_VECTORS >> vector & 1;
}

static const char *check_event(const struct vmcs_fields *f)
{
	u64 event = f->entry_event;
	bool has_code = event & VMX_EVENT_HAS_ERROR_CODE;
	unsigned int type = vmx_event_type(event);

	if (!(event & VMX_EVENT_VALID))
		return NULL;
	VMX_RULE(event_is_possible(event), "event's type and vector");
	VMX_RULE(!(event & EVENT_RESERVED), "event's reserved bits");
	VMX_RULE(has_code == wants_error_code(f), "event with or without an error code");
	VMX_RULE(!has_code || !(f->entry_error_code >> 16), "event's error code");
	VMX_RULE(type < VMX_EVENT_SOFT_INTERRUPT ||
			 (f->entry_insn_length && f->entry_insn_length <= INSN_LENGTH_LAST),
		 "event's instruction length");
	return NULL;
}

const char *vmx_check_controls(const struct vmcs_fields *f)
{
	const char *rule = check_execution(f);

	if (!rule)
		rule = check_exit(f);
	if (rule)
		return rule;
	VMX_RULE(vmx_control_is_allowed(VMX_CONTROL_ENTRY, (u32)f->entry_controls),
		 "entry controls");
	VMX_RULE(list_is_legal(f->entry_msr_load, f->entry_msr_load_count), "entry MSR-load list");
	return check_event(f);
}
