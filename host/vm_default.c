/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VM whose memory is all the host's to see. It is told of conversions all the same: the request
 * is checked, and nothing has to be done.
 */
#include "host/kvm_uapi.h"
#include "host/vm_type.h"

static int add(struct machine *machine, unsigned int index, struct why *why)
{
	const struct memory_slot *slot = &machine->memory.slots[index];
	struct kvm_userspace_memory_region region = {
		.slot = index,
		.guest_phys_addr = slot->gpa,
		.memory_size = slot->size,
		.userspace_addr = (uintptr_t)slot->shared,
	};

	return machine_ask(machine, machine->vm, KVM_SET_USER_MEMORY_REGION, &region, why);
}

static s64 convert(struct machine *machine __unused, const struct gpa_range *range __unused)
{
	return 0;
}

const struct vm_type vm_type_default = {
	.name = "default",
	.number = KVM_X86_DEFAULT_VM,
	.check = vm_nothing,
	.vm_setup = vm_nothing,
	.memory_add = add,
	.vcpu_setup = vcpu_nothing,
	.launch = vm_nothing,
	.start_state = vm_start_by_pvh,
	.convert = convert,
};
