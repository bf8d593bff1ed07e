/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See caps.h.
 */
#include "host/caps.h"

#include "abi/kvm_para.h"
#include "host/kvm_uapi.h"

static const struct cap {
	const char *name;
	u32 number;
	u64 bits; /* of the answer that must be set; 0: any answer but 0 */
	const char *purpose;
} caps[] = {
#define CAP(cap, bits, purpose)                                                                    \
	{                                                                                          \
#cap, cap, bits, purpose                                                           \
	}
	CAP(KVM_CAP_USER_MEMORY, 0, "memory"),
	CAP(KVM_CAP_SET_TSS_ADDR, 0, "real mode on a processor of Intel's"),
	CAP(KVM_CAP_SET_IDENTITY_MAP_ADDR, 0, "real mode on a processor of Intel's"),
	CAP(KVM_CAP_EXT_CPUID, 0, "CPUID"),
	CAP(KVM_CAP_IRQCHIP, 0, "the local APIC"),
	CAP(KVM_CAP_SPLIT_IRQCHIP, 0, "the local APIC without PIC and I/O APIC"),
	CAP(KVM_CAP_IMMEDIATE_EXIT, 0, "ending a run"),
	CAP(KVM_CAP_X86_USER_SPACE_MSR, 0, "MIGRATION_CONTROL"),
	CAP(KVM_CAP_EXIT_HYPERCALL, BIT(KVM_HC_MAP_GPA_RANGE), "MAP_GPA_RANGE"),
#undef CAP
};

int caps_check(const struct machine *machine, struct why *why)
{
	for (size_t i = 0; i < array_count(caps); i++) {
		const struct cap *cap = &caps[i];
		int has = machine_extension(machine, cap->number);

		if (has <= 0 || ((u64)has & cap->bits) != cap->bits)
			return why_set(why, -E_NOENT, "this KVM has no %s, which is for %s",
				       cap->name, cap->purpose);
	}
	if (machine_extension(machine, KVM_CAP_MAX_VCPUS) < (int)machine->options->smp)
		return why_set(why, -E_NOENT, "this KVM has at most %d processors in a VM",
			       machine_extension(machine, KVM_CAP_MAX_VCPUS));
	return 0;
}
