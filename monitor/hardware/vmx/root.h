/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A processor in VMX root operation, and what VMX's instructions do to it but for entering a guest.
 * Each of them ends in one of four ways: SDM3 31.2. Who decodes the instruction has looked at
 * what is #UD for all and at the CPL. Pure, but for the memory where regions lie.
 * Spec: SDM3 31.3 (each instruction), 31.4 (numbers), 24.7 and 24.8 (VMX operation), 25.1, 25.2.
 */
#pragma once

#include "monitor/hardware/vmx/vmcs.h"

struct vmx_root {
	bool on;     /* in VMX operation */
	u64 region;  /* of VMXON */
	u64 current; /* VMCS; VMX_NO_POINTER: none */
	u64 feature_control;
};

enum vmx_outcome {
	VMX_SUCCEEDS,
	VMX_FAILS, /* VMfail(error): VMfailValid with a current VMCS, else VMfailInvalid */
	VMX_FAILS_INVALID,
	VMX_IS_GP, /* #GP(0) */
};

struct vmx_result {
	enum vmx_outcome outcome;
	u32 error; /* VMX_ERROR_, of VMX_FAILS */
};

/* What instructions look at beside. */
struct vmx_state {
	u64 cr0, cr4;
	u64 cr4_known; /* bits of CR4 that may be 1 */
};

void vmx_root_reset(struct vmx_root *root);

/* IA32_FEATURE_CONTROL, which firmware has locked; -E_INVAL: #GP. */
must_check int vmx_feature_control(struct vmx_root *root, bool write, u64 *value);

struct vmx_result vmx_vmxon(struct vmx_root *root, const struct vmx_state *state, u64 region);
struct vmx_result vmx_vmxoff(struct vmx_root *root);
struct vmx_result vmx_vmclear(struct vmx_root *root, u64 pa);
struct vmx_result vmx_vmptrld(struct vmx_root *root, u64 pa);
struct vmx_result vmx_vmread(const struct vmx_root *root, u64 encoding, u64 *value);
struct vmx_result vmx_vmwrite(const struct vmx_root *root, u64 encoding, u64 value);

/*
 * Which INVEPT and INVVPID are legal; what is to be invalidated is for who calls. @descriptor has
 * two words, as memory has them.
 */
struct vmx_result vmx_invept(u64 type, const u64 descriptor[2]);
struct vmx_result vmx_invvpid(u64 type, const u64 descriptor[2]);

/* Whether VMLAUNCH (or VMRESUME) may begin: then the VMCS, in memory, is *@vmcs. */
struct vmx_result vmx_may_enter(const struct vmx_root *root, bool launch, bool mov_ss,
				struct vmcs **vmcs);

/*
 * RFLAGS behind the instruction, of @rflags before it; a VMfailValid's number goes to the current
 * VMCS. Not of VMX_IS_GP. 31.2
 */
u64 vmx_conclude(const struct vmx_root *root, struct vmx_result result, u64 rflags);
