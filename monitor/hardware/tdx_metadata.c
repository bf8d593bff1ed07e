/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metadata of a TD, its processors and the module that a guest can read and write.
 * Spec: TDX-ABI 3.10 (field identifiers), 5.5 (TDG.VM, TDG.VP, TDG.SYS). docs/coverage.md says
 * which are here, of those that a guest can read.
 */
#include "lib/compiler.h"
#include "monitor/hardware/tdx_td.h"

#define VENDOR_INTEL    0x8086
#define MODULE_MAJOR    1
#define MODULE_MINOR    5
#define FEATURES0       TDX_FEATURES0_LOCAL_ATTESTATION /* none of the other optional ones */
#define NOTIFY_WRITABLE BIT(0)

#define HASH_WORDS (TDX_HASH_SIZE / sizeof(u64))
#define UUID_WORDS 4

struct field {
	u64 id; /* of the first element */
	u64 writable;
	unsigned int element_count; /* of which each has the next code */
};

/* Each in order of class and code. */
static const struct field vm_fields[] = {
	{ TDCS_TD_UUID, 0, UUID_WORDS },
	{ TDCS_NUM_VCPUS, 0, 1 },
	{ TDCS_NUM_L2_VMS, 0, 1 },
	{ TDCS_ATTRIBUTES, 0, 1 },
	{ TDCS_XFAM, 0, 1 },
	{ TDCS_MAX_VCPUS, 0, 1 },
	{ TDCS_GPAW, 0, 1 },
	{ TDCS_TSC_FREQUENCY, 0, 1 },
	{ TDCS_NOTIFY_ENABLES, NOTIFY_WRITABLE, 1 },
	{ TDCS_CONFIG_FLAGS, 0, 1 },
	{ TDCS_TD_CTLS, ~U64_C(0), 1 },
	{ TDCS_TOPOLOGY_CONFIGURED, 0, 1 },
	{ TDCS_MRTD, 0, HASH_WORDS },
	{ TDCS_MRCONFIGID, 0, HASH_WORDS },
	{ TDCS_MROWNER, 0, HASH_WORDS },
	{ TDCS_MROWNERCONFIG, 0, HASH_WORDS },
	{ TDCS_RTMR, 0, TDX_RTMR_COUNT *HASH_WORDS },
	{ TDCS_SERVTD_HASH, 0, HASH_WORDS },
	{ TDCS_SERVTD_NUM, 0, 1 },
};
static const struct field vp_fields[] = {
	{ TDVPS_VCPU_INDEX, 0, 1 },
	{ TDVPS_CPUID_SUPERVISOR_VE, 0xff, 1 },
	{ TDVPS_CPUID_USER_VE, 0xff, 1 },
};
static const struct field sys_fields[] = {
	{ TDX_SYS_VENDOR_ID, 0, 1 },     { TDX_SYS_MINOR_VERSION, 0, 1 },
	{ TDX_SYS_MAJOR_VERSION, 0, 1 }, { TDX_SYS_ATTRIBUTES, 0, 1 },
	{ TDX_SYS_NUM_FEATURES, 0, 1 },  { TDX_SYS_FEATURES0, 0, 1 },
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

/* The field's index; context->count: unknown. *@element: which one of it @id is. */
static size_t find(const struct context *context, u64 id, u64 *element)
{
	size_t i = 0;

	for (; i < context->count; i++) {
		const struct field *field = &context->fields[i];

		*element = (id & TDX_FIELD_KEY_MASK) - (field->id & TDX_FIELD_KEY_MASK);
		if (*element < field->element_count)
			break;
	}
	return i;
}

static u64 cpuid_ve(const struct tdx_vcpu *vcpu, u64 mask) { return !!(vcpu->cpuid_ve & mask); }

static u64 word(const void *hash, u64 index)
{
	u64 value;

	__builtin_memcpy(&value, (const u8 *)hash + index * sizeof(value), sizeof(value));
	return value;
}

static u64 field_read(const struct tdx_call *call, u64 id, u64 element)
{
	const struct tdx_td *td = call->td;

	switch (id) {
	case TDCS_TD_UUID: return td->uuid[element];
	case TDCS_NUM_VCPUS: return td->vcpu_count;
	case TDCS_MAX_VCPUS: return td->vcpu_max;
	case TDCS_GPAW: return td->gpaw == TDX_GPAW_52;
	case TDCS_TSC_FREQUENCY: return td->tsc_frequency;
	case TDCS_MRTD: return word(td->info.mrtd, element);
	case TDCS_MRCONFIGID: return word(td->info.mrconfigid, element);
	case TDCS_MROWNER: return word(td->info.mrowner, element);
	case TDCS_MROWNERCONFIG: return word(td->info.mrownerconfig, element);
	case TDCS_RTMR: return word(td->info.rtmr, element);
	case TDCS_SERVTD_HASH: return word(td->info.servtd_hash, element);
	case TDCS_NUM_L2_VMS:
	case TDCS_SERVTD_NUM: return 0;
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
	case TDX_SYS_VENDOR_ID: return VENDOR_INTEL;
	case TDX_SYS_NUM_FEATURES: return 1;
	case TDX_SYS_FEATURES0: return FEATURES0;
	case TDX_SYS_ATTRIBUTES: /* a production module */
	default: return 0;
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

static u64 next_id(const struct context *context, size_t index, u64 element)
{
	if (element + 1 < context->fields[index].element_count)
		return context->fields[index].id + element + 1;
	return index + 1 < context->count ? context->fields[index + 1].id : TDX_FIELD_NA;
}

u64 tdx_metadata(struct tdx_call *call, unsigned int leaf, unsigned int version)
{
	const struct context *context = context_of(leaf);
	u64 id = call->gpr[TDX_RDX], value = call->gpr[TDX_R8], old, element;
	bool is_write = leaf == TDG_VM_WR || leaf == TDG_VP_WR;
	/* also tells the next field */
	bool walks = leaf == TDG_SYS_RD || leaf == TDG_VP_RD || version;
	size_t index = find(context, id, &element);

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
	old = field_read(call, context->fields[index].id, element);
	if (is_write)
		return field_write_masked(call, &context->fields[index], old, value);
	call->gpr[TDX_R8] = old;
	if (walks)
		call->gpr[TDX_RDX] = next_id(context, index, element);
	return TDX_SUCCESS;
}

bool tdx_sys_field(const struct tdx_call *call, size_t index, u64 *id, u64 *value)
{
	if (index >= array_count(sys_fields))
		return false;
	*id = sys_fields[index].id;
	*value = field_read(call, *id, 0);
	return true;
}
