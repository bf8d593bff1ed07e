/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metadata of a TD, its processors and the module that a guest can read and write.
 * Spec: TDX-ABI 3.10 (field identifiers), 5.5 (TDG.VM, TDG.VP, TDG.SYS). Holds the fields that
 * guests are known to use.
 */
#include "lib/compiler.h"
#include "monitor/hardware/tdx_td.h"

#define MODULE_MAJOR    1
#define MODULE_MINOR    5
#define FEATURES0       0 /* none of the optional ones */
#define NOTIFY_WRITABLE BIT(0)

struct field {
	u64 id;
	u64 writable;
};

static const struct field vm_fields[] = {
	{ TDCS_ATTRIBUTES, 0 },
	{ TDCS_XFAM, 0 },
	{ TDCS_CONFIG_FLAGS, 0 },
	{ TDCS_TD_CTLS, ~U64_C(0) },
	{ TDCS_NOTIFY_ENABLES, NOTIFY_WRITABLE },
	{ TDCS_TOPOLOGY_CONFIGURED, 0 },
};
static const struct field vp_fields[] = {
	{ TDVPS_VCPU_INDEX, 0 },
	{ TDVPS_CPUID_SUPERVISOR_VE, 0xff },
	{ TDVPS_CPUID_USER_VE, 0xff },
};
static const struct field sys_fields[] = {
	{ TDX_SYS_MINOR_VERSION, 0 },
	{ TDX_SYS_MAJOR_VERSION, 0 },
	{ TDX_SYS_FEATURES0, 0 },
};

struct context {
	const struct field *fields;
	size_t count;
};

/* clang-format off */
#define CONTEXT(table) { table, array_count(table) }
/* clang-format on */
static const struct context vm = CONTEXT(vm_fields);
static const struct context vp = CONTEXT(vp_fields);
static const struct context sys = CONTEXT(sys_fields);

static const struct context *context_of(unsigned int leaf)
{
	switch (leaf) {
	case TDG_VM_RD:
	case TDG_VM_WR: return &vm;
	case TDG_VP_RD:
	case TDG_VP_WR: return &vp;
	default: return &sys;
	}
}

/* The field's index; context->count: unknown. */
static size_t find(const struct context *context, u64 id)
{
	size_t i = 0;

	while (i < context->count && (context->fields[i].id ^ id) & TDX_FIELD_KEY_MASK)
		i++;
	return i;
}

static u64 cpuid_ve(const struct tdx_vcpu *vcpu, u64 mask) { return !!(vcpu->cpuid_ve & mask); }

static u64 field_read(const struct tdx_call *call, u64 id)
{
	const struct tdx_td *td = call->td;

	switch (id) {
	case TDCS_ATTRIBUTES: return td->info.attributes;
	case TDCS_XFAM: return td->info.xfam;
	case TDCS_CONFIG_FLAGS: return td->config_flags;
	case TDCS_TD_CTLS: return td->td_ctls;
	case TDCS_NOTIFY_ENABLES: return td->notify_enables;
	/* Each processor is given an x2APIC id, as by TDH.VP.INIT of version 1. */
	case TDCS_TOPOLOGY_CONFIGURED: return td->td_ctls_offered & TD_CTLS_ENUM_TOPOLOGY ? 1 : 0;
	case TDVPS_VCPU_INDEX: return call->vcpu->index;
	case TDVPS_CPUID_SUPERVISOR_VE: return cpuid_ve(call->vcpu, TDX_CPUIDVE_SUPERVISOR);
	case TDVPS_CPUID_USER_VE: return cpuid_ve(call->vcpu, TDX_CPUIDVE_USER);
	case TDX_SYS_MAJOR_VERSION: return MODULE_MAJOR;
	case TDX_SYS_MINOR_VERSION: return MODULE_MINOR;
	default: return FEATURES0;
	}
}

/*
 * TD_CTLS: bits not offered must stay as they are; whether pending pages raise #VE is the guest's
 * to choose only where the host made it flexible; nothing after LOCK.
 */
static u64 write_td_ctls(struct tdx_td *td, u64 value)
{
	u64 changeable = td->td_ctls_offered | TD_CTLS_LOCK;

	if (td->config_flags & TDCS_CONFIG_FLEXIBLE_PENDING_VE)
		changeable |= TD_CTLS_PENDING_VE_DISABLE;
	if (td->td_ctls & TD_CTLS_LOCK)
		return TDX_METADATA_FIELD_NOT_WRITABLE;
	if ((td->td_ctls ^ value) & ~changeable)
		return TDX_METADATA_FIELD_VALUE_NOT_VALID;
	td->td_ctls = value;
	return TDX_SUCCESS;
}

static void write_cpuid_ve(struct tdx_vcpu *vcpu, u64 mask, u64 value)
{
	vcpu->cpuid_ve = (vcpu->cpuid_ve & ~mask) | (value ? mask : 0);
}

static u64 field_write(struct tdx_call *call, u64 id, u64 value)
{
	switch (id) {
	case TDCS_TD_CTLS: return write_td_ctls(call->td, value);
	case TDCS_NOTIFY_ENABLES: call->td->notify_enables = value; break;
	case TDVPS_CPUID_SUPERVISOR_VE:
		write_cpuid_ve(call->vcpu, TDX_CPUIDVE_SUPERVISOR, value);
		break;
	case TDVPS_CPUID_USER_VE: write_cpuid_ve(call->vcpu, TDX_CPUIDVE_USER, value); break;
	}
	return TDX_SUCCESS;
}

/* A mask may name bits that are not writable, as long as they stay as they are. */
static u64 field_write_masked(struct tdx_call *call, const struct field *field, u64 old, u64 value)
{
	u64 mask = call->gpr[TDX_R9] & field->writable, status;

	if (!mask)
		return TDX_METADATA_FIELD_NOT_WRITABLE;
	if ((value ^ old) & call->gpr[TDX_R9] & ~mask)
		return TDX_METADATA_FIELD_VALUE_NOT_VALID;
	status = field_write(call, field->id, (old & ~mask) | (value & mask));
	if (!status)
		call->gpr[TDX_R8] = old;
	return status;
}

static bool is_null(u64 id) { return (id | TDX_FIELD_CONTEXT_MASK) == TDX_FIELD_NA; }

static u64 next_id(const struct context *context, size_t index)
{
	return index + 1 < context->count ? context->fields[index + 1].id : TDX_FIELD_NA;
}

u64 tdx_metadata(struct tdx_call *call, unsigned int leaf, unsigned int version)
{
	const struct context *context = context_of(leaf);
	u64 id = call->gpr[TDX_RDX], value = call->gpr[TDX_R8], old;
	bool is_write = leaf == TDG_VM_WR || leaf == TDG_VP_WR;
	/* also tells the next field */
	bool walks = leaf == TDG_SYS_RD || leaf == TDG_VP_RD || version;
	size_t index = find(context, id);

	if (walks)
		call->gpr[TDX_RDX] = TDX_FIELD_NA;
	call->gpr[TDX_R8] = 0;
	if (version > 1)
		return TDX_OPERAND_INVALID | TDX_OPERAND_RAX;
	if (leaf != TDG_SYS_RD && call->gpr[TDX_RCX])
		return TDX_OPERAND_INVALID | TDX_OPERAND_RCX;
	if (walks && is_null(id)) {
		call->gpr[TDX_RDX] = context->fields[0].id;
		return TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT;
	}
	if (index == context->count || id & TDX_FIELD_ZERO_MASK)
		return TDX_METADATA_FIELD_ID_INCORRECT;
	old = field_read(call, context->fields[index].id);
	if (is_write)
		return field_write_masked(call, &context->fields[index], old, value);
	call->gpr[TDX_R8] = old;
	if (walks)
		call->gpr[TDX_RDX] = next_id(context, index);
	return TDX_SUCCESS;
}
