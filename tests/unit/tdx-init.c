/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TD is known by CPUID 0x21 alone; the module's address width gives the shared bit; a TD whose
 * host could raise #VE by taking pages away ends, unless TD_CTLS can forbid it. CPUID's leaves are
 * the module's, but for the hypervisor's own. Calls that must succeed end the guest when they do
 * not.
 * RUN: %unit-cc -include %S/Inputs/tdx-host.h %s %S/Inputs/tdx-host.c %root/early/tdvmcall.c \
 * RUN:   %root/lib/format.c -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "abi/ghcb.h"
#include "early/fatal.h"
#include "early/tdx.h"
#include "Inputs/no-end.h"

/* ---- the module */

static u64 gpaw = 52, attributes, config, controls, info_status;
static bool has_fields;

static u64 module(u64 leaf, struct tdx_module_args *args)
{
	switch (leaf) {
	case TDG_VP_INFO:
		*args = (struct tdx_module_args){ .rcx = gpaw | 0xabc0, .rdx = attributes };
		args->r8 = U64_C(8) << 32 | 4;
		args->r9 = 3;
		return info_status;
	case TDG_VM_RD:
		assert(!args->rcx);
		if (!has_fields)
			return TDX_METADATA_FIELD_ID_INCORRECT | TDX_OPERAND_RDX;
		args->r8 = args->rdx == TDCS_CONFIG_FLAGS ? config : controls;
		return 0;
	case TDG_VM_WR:
		assert(!args->rcx && args->rdx == TDCS_TD_CTLS);
		if (controls & TD_CTLS_LOCK)
			return TDX_METADATA_FIELD_NOT_WRITABLE;
		controls = (controls & ~args->r9) | (args->r8 & args->r9);
		return 0;
	}
	return TDX_OPERAND_INVALID;
}

static bool init_fails(void)
{
	host_module = module;
	return host_is_told(tdx_init);
}

static void test_init(void)
{
	attributes = TDX_ATTR_SEPT_VE_DISABLE | TDX_ATTR_PKS;
	assert(!init_fails());
	assert(tdx_info.shared_mask == BIT(51) && tdx_info.attributes == attributes);
	assert(tdx_info.vcpu_count == 4 && tdx_info.vcpu_index == 3);
	gpaw = 48;
	assert(!init_fails() && tdx_info.shared_mask == BIT(47));
	gpaw = 46;
	assert(init_fails() && host_reason == TERM_CBIT);
	assert(!strcmp(host_message, "TD with 46 address bits"));
	gpaw = 52;
	info_status = TDX_SW_ERROR | VEC_UD;
	assert(init_fails() && host_reason == TERM_RESPONSE);
	assert(strstr(host_message, "CPUID names a TD, but TDCALL answers"));
	info_status = 0;
}

static void test_pending_ve(void)
{
	attributes = 0;
	assert(init_fails() && host_reason == TERM_ATTRIBUTES);
	assert(!strcmp(host_message, "TD must have SEPT_VE_DISABLE"));

	/* The fields are there, but do not leave it to the guest. */
	has_fields = true;
	assert(init_fails());
	/* They do: set already, set by us, locked. */
	config = TDCS_CONFIG_FLEXIBLE_PENDING_VE;
	controls = TD_CTLS_PENDING_VE_DISABLE | TD_CTLS_LOCK;
	assert(!init_fails());
	controls = TD_CTLS_REDUCE_VE;
	assert(!init_fails());
	assert(controls == (TD_CTLS_REDUCE_VE | TD_CTLS_PENDING_VE_DISABLE));
	controls = TD_CTLS_LOCK;
	assert(init_fails() && host_reason == TERM_ATTRIBUTES);
	/* Where it is the guest's to say, the attribute does not count. */
	attributes = TDX_ATTR_SEPT_VE_DISABLE;
	assert(init_fails());
}

/* ---- CPUID */

static struct cpuid_regs leaf21;

static struct cpuid_regs processor(u32 leaf, u32 subleaf)
{
	if (leaf == TDX_CPUID && !subleaf)
		return leaf21;
	return (struct cpuid_regs){ leaf, subleaf, 0x33, 0x44 };
}

static u64 host_answers_cpuid(struct tdx_module_args *args)
{
	assert(args->r11 == TDVMCALL_CPUID);
	args->r10 = args->r11 = 0;
	args->r14 = U64_C(0x1234567800000000) | 0x14; /* registers have 32 bits */
	args->r15 = 0x15;
	return 0;
}

static void test_detection(void)
{
	host_cpuid = processor;
	assert(!tdx_is_named_by_cpuid());
	leaf21 = (struct cpuid_regs){ 0, TDX_SIGNATURE_EBX, TDX_SIGNATURE_ECX, TDX_SIGNATURE_EDX };
	assert(!memcmp(&leaf21.ebx, "Inte", 4) && tdx_is_named_by_cpuid());
	leaf21.ecx++;
	assert(!tdx_is_named_by_cpuid());
}

static void test_cpuid(void)
{
	struct cpuid_regs regs;
	struct trap_frame frame = { .rax = U64_C(0xf00000001), .rcx = 2, .rbx = ~U64_C(0) };

	host_vmcall = host_answers_cpuid;
	host_vmcalls = 0;
	tdx_cpuid(0x80000008, 5, &regs);
	assert(!host_vmcalls && regs.eax == 0x80000008 && regs.ebx == 5 && regs.edx == 0x44);
	tdx_cpuid(0x40000001, 5, &regs);
	assert(host_vmcalls == 1 && host_seen.r12 == 0x40000001 && host_seen.r13 == 5);
	assert(regs.eax == 0x40000001 && regs.ecx == 0x14 && regs.edx == 0x15);

	/* By #VE: the host is asked for its own leaves only. */
	tdx_ve_cpuid(&frame);
	assert(host_vmcalls == 1 && !(frame.rax | frame.rbx | frame.rcx | frame.rdx));
	frame = (struct trap_frame){ .rax = 0x4fffffff, .rcx = ~U64_C(0) };
	tdx_ve_cpuid(&frame);
	assert(host_vmcalls == 2 && host_seen.r12 == 0x4fffffff && host_seen.r13 == 0xffffffff);
	assert(frame.rax == 0x4fffffff && frame.rdx == 0x15);
}

/* ---- the early #VE */

static u64 ve_reason, ve_status;

static u64 module_with_ve(u64 leaf, struct tdx_module_args *args)
{
	assert(leaf == TDG_VP_VEINFO_GET);
	*args = (struct tdx_module_args){ .rcx = ve_reason, .r10 = U64_C(7) << 32 | 2 };
	return ve_status;
}

static struct trap_frame trap;

static void early_ve(void) { tdx_early_ve(&trap); }

static void test_early_ve(void)
{
	host_module = module_with_ve;
	ve_reason = VMX_EXIT_CPUID;
	trap = (struct trap_frame){ .rax = 0x40000000, .rip = 0x1000 };
	assert(!host_is_told(early_ve) && trap.rip == 0x1002 && trap.rcx == 0x14);
	ve_reason = VMX_EXIT_HLT;
	assert(host_is_told(early_ve) && host_reason == TERM_UNSUPPORTED_VC);
	assert(!strcmp(host_message, "early #VE 12 at 0x1002"));
	ve_status = TDX_NO_VALID_VE_INFO;
	assert(host_is_told(early_ve) && host_reason == TERM_UNSUPPORTED_VC);
	assert(!strcmp(host_message, "#VE without information"));
}

/* ---- what must succeed */

static u64 host_refuses(struct tdx_module_args *args)
{
	args->r10 = TDVMCALL_STATUS_INVALID_OPERAND;
	return 0;
}

static u64 module_refuses(struct tdx_module_args *args)
{
	args->r10 = 0; /* which must not be taken for an answer */
	return TDX_OPERAND_INVALID;
}

static void ask(void)
{
	struct tdx_module_args args = { .r11 = TDVMCALL_HLT };

	tdvmcall_must(&args);
}

static void long_story(void) { fatal(5, "%0100u", 7); }

static void test_must(void)
{
	host_vmcall = host_refuses;
	assert(host_is_told(ask) && host_reason == TERM_RESPONSE);
	assert(!strcmp(host_message, "TDVMCALL 0xc refused: 0x8000000000000000"));
	host_vmcall = module_refuses;
	assert(host_is_told(ask) && host_reason == TERM_RESPONSE);
	assert(!strcmp(host_message, "the TDX module refuses TDG.VP.VMCALL"));
	assert(host_is_told(long_story) && host_reason == 5 && strlen(host_message) == 64);
}

int main(void)
{
	test_init();
	test_pending_ve();
	test_detection();
	test_cpuid();
	test_early_ve();
	test_must();
	puts("ok");
	return 0;
}
