/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KVM_X86_SW_PROTECTED_VM: private memory that user space cannot map, without any hardware's help.
 *
 * Such a VM's image, low memory and page tables stay shared. KVM itself reads the guest's
 * instructions and page tables, wherever the processor does not tell it enough of an exit, and it
 * does so by the shared view; and it has no way to fill private memory before the guest runs. All
 * memory above is private from the first instruction on.
 * Spec: KVM api.rst 4.140 (regions), 4.141 (attributes), 4.142 (guest_memfd), KVM_CAP_VM_TYPES.
 */
#include "host/caps.h"
#include "host/kvm_uapi.h"
#include "host/private.h"

/* What the guest's mm needs for its own records: page tables are 1/512 of memory. */
#define TABLES_SHARE 256
#define TABLES_MIN   (U64_C(4) << 20)

/* KVM does it with its newer MMU only, which needs nested paging. */
static const char *why_not_offered(const struct machine *m)
{
	static const struct {
		const char *file, *reason;
	} parameters[] = {
		{ "/sys/module/kvm_amd/parameters/npt", "kvm_amd's npt is off" },
		{ "/sys/module/kvm_intel/parameters/ept", "kvm_intel's ept is off" },
		{ "/sys/module/kvm/parameters/tdp_mmu", "kvm's tdp_mmu is off" },
	};
	char line[8];

	for (size_t i = 0; i < array_count(parameters); i++) {
		m->sys->read_line(m->sys, parameters[i].file, line, sizeof(line));
		if (*line == 'N' || *line == '0')
			return parameters[i].reason;
	}
	return "this kernel is built without KVM_SW_PROTECTED_VM";
}

static int check(struct machine *m, struct why *why)
{
	int types = machine_extension(m, KVM_CAP_VM_TYPES);

	if (!types)
		return why_set(
			why, -E_NOSYS,
			"VM type protected: this KVM has no KVM_CAP_VM_TYPES, and is older than "
			"Linux 6.8");
	if (!(types & BIT(KVM_X86_SW_PROTECTED_VM)))
		return why_set(why, -E_NOSYS, "VM type protected: KVM_CAP_VM_TYPES is %#x: %s",
			       types, why_not_offered(m));
	return caps_check(m, CAPS_OF_PRIVATE, why);
}

static u64 shared_end(const struct machine *m)
{
	u64 tables = m->options->memory / TABLES_SHARE;

	if (m->options->policy.shared_below)
		return m->options->policy.shared_below;
	if (tables < TABLES_MIN)
		tables = TABLES_MIN;
	return align_up(m->image.high, (u64)PAGE_2M_SIZE) + align_up(tables, (u64)PAGE_2M_SIZE);
}

static int launch(struct machine *m, struct why *why)
{
	u64 shared = align_up(shared_end(m), (u64)PAGE_SIZE);
	int error;

	if (shared < m->image.high)
		return why_set(why, -E_INVAL,
			       "shared-below: the image ends at %#llx, and KVM could not "
			       "fill what is private of it",
			       (unsigned long long)m->image.high);
	error = private_from(m, shared, why);
	if (!error)
		private_drop_shared(m);
	return error;
}

const struct vm_type vm_type_protected = {
	.name = "protected",
	.plainer = "default",
	.number = KVM_X86_SW_PROTECTED_VM,
	.has_private = true,
	.by_attribute = true,
	.check = check,
	.vm_setup = vm_nothing,
	.memory_add = private_memory_add,
	.vcpu_setup = vcpu_nothing,
	.launch = launch,
	.start_state = vm_start_by_pvh,
	.convert = private_convert,
};
