/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See caps.h.
 */
#include "host/caps.h"

#include "abi/kvm_para.h"
#include "host/kvm_uapi.h"
#include "host/vm_type.h"

static const struct cap {
	const char *name;
	u32 number;
	enum caps_of whose;
	u64 bits; /* of the answer that must be set; 0: any answer but 0 */
	const char *purpose;
} caps[] = {
/* clang-format off */
#define CAP(cap, whose, bits, purpose) { #cap, cap, CAPS_OF_##whose, bits, purpose }
	/* clang-format on */
	CAP(KVM_CAP_USER_MEMORY, ALL, 0, "memory"),
	CAP(KVM_CAP_SET_TSS_ADDR, ALL, 0, "real mode on a processor of Intel's"),
	CAP(KVM_CAP_SET_IDENTITY_MAP_ADDR, ALL, 0, "real mode on a processor of Intel's"),
	CAP(KVM_CAP_EXT_CPUID, ALL, 0, "CPUID"),
	CAP(KVM_CAP_IRQCHIP, ALL, 0, "the local APIC"),
	CAP(KVM_CAP_SPLIT_IRQCHIP, ALL, 0, "the local APIC without PIC and I/O APIC"),
	CAP(KVM_CAP_IMMEDIATE_EXIT, ALL, 0, "ending a run"),
	CAP(KVM_CAP_X86_USER_SPACE_MSR, ALL, 0, "MIGRATION_CONTROL"),
	CAP(KVM_CAP_X86_MSR_FILTER, ALL, 0, "MIGRATION_CONTROL"),
	CAP(KVM_CAP_EXIT_HYPERCALL, ALL, BIT(KVM_HC_MAP_GPA_RANGE), "MAP_GPA_RANGE"),
	CAP(KVM_CAP_USER_MEMORY2, PRIVATE, 0, "slots with two sides"),
	CAP(KVM_CAP_GUEST_MEMFD, PRIVATE, 0, "private memory"),
	CAP(KVM_CAP_MEMORY_ATTRIBUTES, PRIVATE, KVM_MEMORY_ATTRIBUTE_PRIVATE, "conversions"),
	CAP(KVM_CAP_MEMORY_FAULT_INFO, PRIVATE, 0, "accesses to the other side"),
#undef CAP
};

static int check_one(const struct machine *machine, const struct cap *cap, struct why *why)
{
	int has = machine_extension(machine, cap->number);

	if (has > 0 && ((u64)has & cap->bits) == cap->bits)
		return 0;
	return why_set(why, cap->whose == CAPS_OF_ALL ? -E_NOENT : -E_NOSYS,
		       "VM type %s: this KVM has no %s, which is for %s", machine->type->name,
		       cap->name, cap->purpose);
}

static int check_processors(const struct machine *machine, struct why *why)
{
	int most = machine_extension(machine, KVM_CAP_MAX_VCPUS);

	if (most >= (int)machine->options->smp)
		return 0;
	return why_set(why, -E_NOENT, "this KVM has at most %d processors in a VM", most);
}

int caps_check(const struct machine *machine, enum caps_of whose, struct why *why)
{
	for (size_t i = 0; i < array_count(caps); i++) {
		int error = caps[i].whose == whose ? check_one(machine, &caps[i], why) : 0;

		if (error)
			return error;
	}
	return whose == CAPS_OF_ALL ? check_processors(machine, why) : 0;
}
