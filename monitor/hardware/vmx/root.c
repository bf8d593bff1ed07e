/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See root.h. A region that is no memory of L1's reads as ones, and what is written there is lost,
 * as on a bus.
 */
#include "monitor/hardware/vmx/root.h"

#include "abi/x86.h"
#include "lib/compiler.h"
#include "monitor/hardware/l1/frame.h"
#include "monitor/hardware/vmx/capability.h"

#define STATUS_FLAGS (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)

static const struct vmx_result success = { VMX_SUCCEEDS, 0 };
static const struct vmx_result invalid = { VMX_FAILS_INVALID, 0 };
static const struct vmx_result gp = { VMX_IS_GP, 0 };

static struct vmx_result fail(u32 error) { return (struct vmx_result){ VMX_FAILS, error }; }

static struct vmcs *region_at(u64 pa) { return l1_host_memory(pa, PAGE_SIZE); }

static struct vmcs *current(const struct vmx_root *root)
{
	return root->current == VMX_NO_POINTER ? NULL : region_at(root->current);
}

static bool has_revision(u64 pa)
{
	const struct vmcs *v = region_at(pa);

	return v && READ_ONCE(v->revision) == VMX_REVISION; /* and no shadow VMCS */
}

void vmx_root_reset(struct vmx_root *root)
{
	*root = (struct vmx_root){
		.current = VMX_NO_POINTER,
		.feature_control = FEATURE_CONTROL_LOCK | FEATURE_CONTROL_VMX_OUTSIDE_SMX,
	};
}

int vmx_feature_control(struct vmx_root *root, bool write, u64 *value)
{
	if (write)
		return -E_INVAL;
	*value = root->feature_control;
	return 0;
}

struct vmx_result vmx_vmxon(struct vmx_root *root, const struct vmx_state *s, u64 region)
{
	if (root->on)
		return fail(VMX_ERROR_VMXON_IN_ROOT);
	if (!vmx_cr0_is_allowed(s->cr0) || !vmx_cr4_is_allowed(s->cr4, s->cr4_known))
		return gp;
	if (!vmx_is_page(region) || !has_revision(region))
		return invalid;
	root->on = true;
	root->region = region;
	root->current = VMX_NO_POINTER;
	return success;
}

struct vmx_result vmx_vmxoff(struct vmx_root *root)
{
	root->on = false;
	root->current = VMX_NO_POINTER;
	return success;
}

struct vmx_result vmx_vmclear(struct vmx_root *root, u64 pa)
{
	struct vmcs *v;

	if (!vmx_is_page(pa))
		return fail(VMX_ERROR_VMCLEAR_ADDRESS);
	if (pa == root->region)
		return fail(VMX_ERROR_VMCLEAR_VMXON);
	v = region_at(pa);
	if (v)
		WRITE_ONCE(v->launch_state, VMCS_CLEAR);
	if (pa == root->current)
		root->current = VMX_NO_POINTER;
	return success;
}

struct vmx_result vmx_vmptrld(struct vmx_root *root, u64 pa)
{
	if (!vmx_is_page(pa))
		return fail(VMX_ERROR_VMPTRLD_ADDRESS);
	if (pa == root->region)
		return fail(VMX_ERROR_VMPTRLD_VMXON);
	if (!has_revision(pa))
		return fail(VMX_ERROR_VMPTRLD_REVISION);
	root->current = pa;
	return success;
}

struct vmx_result vmx_vmread(const struct vmx_root *root, u64 encoding, u64 *value)
{
	const struct vmcs *v = current(root);

	if (!v)
		return invalid;
	return vmcs_read(v, encoding, value) ? fail(VMX_ERROR_NO_FIELD) : success;
}

struct vmx_result vmx_vmwrite(const struct vmx_root *root, u64 encoding, u64 value)
{
	struct vmcs *v = current(root);

	if (!v)
		return invalid;
	switch (vmcs_write(v, encoding, value)) {
	case 0: return success;
	case -E_PERM: return fail(VMX_ERROR_READ_ONLY_FIELD);
	default: return fail(VMX_ERROR_NO_FIELD);
	}
}

struct vmx_result vmx_invept(u64 type, const u64 descriptor[2])
{
	if (type == INVEPT_ALL || (type == INVEPT_SINGLE && vmx_eptp_is_legal(descriptor[0])))
		return success;
	return fail(VMX_ERROR_INVALIDATION);
}

struct vmx_result vmx_invvpid(u64 type, const u64 descriptor[2])
{
	bool has_vpid = descriptor[0] != 0;

	if (type > INVVPID_RETAIN_GLOBAL || descriptor[0] & ~bits_mask(16) ||
	    (type != INVVPID_ALL && !has_vpid) ||
	    (type == INVVPID_ADDRESS && !vmx_is_canonical(descriptor[1])))
		return fail(VMX_ERROR_INVALIDATION);
	return success;
}

struct vmx_result vmx_may_enter(const struct vmx_root *root, bool launch, bool mov_ss,
				struct vmcs **vmcs)
{
	u32 state;

	*vmcs = current(root);
	if (!*vmcs)
		return invalid;
	if (mov_ss)
		return fail(VMX_ERROR_ENTRY_MOV_SS);
	state = READ_ONCE((*vmcs)->launch_state);
	if (launch && state != VMCS_CLEAR)
		return fail(VMX_ERROR_VMLAUNCH_NOT_CLEAR);
	if (!launch && state != VMCS_LAUNCHED)
		return fail(VMX_ERROR_VMRESUME_NOT_LAUNCHED);
	return success;
}

u64 vmx_conclude(const struct vmx_root *root, struct vmx_result result, u64 rflags)
{
	struct vmcs *v = current(root);

	rflags &= ~(u64)STATUS_FLAGS;
	if (result.outcome == VMX_SUCCEEDS)
		return rflags;
	if (result.outcome == VMX_FAILS_INVALID || !v)
		return rflags | RFLAGS_CF;
	WRITE_ONCE(v->f.insn_error, result.error);
	return rflags | RFLAGS_ZF;
}
