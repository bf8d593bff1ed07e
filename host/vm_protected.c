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
#include <stdio.h>

#include "abi/kvm_para.h"
#include "host/convert.h"
#include "host/end.h"
#include "host/kvm_uapi.h"
#include "host/vm_type.h"

/* What the guest's mm needs for its own records: page tables are 1/512 of memory. */
#define TABLES_SHARE 256
#define TABLES_MIN   (U64_C(4) << 20)

#define REPORTED_PAGES 4096

static const struct {
	const char *name;
	u32 number;
	u64 bits;
} needs[] = {
	{ "KVM_CAP_GUEST_MEMFD", KVM_CAP_GUEST_MEMFD, 1 },
	{ "KVM_CAP_USER_MEMORY2", KVM_CAP_USER_MEMORY2, 1 },
	{ "KVM_CAP_MEMORY_FAULT_INFO", KVM_CAP_MEMORY_FAULT_INFO, 1 },
	{ "KVM_CAP_MEMORY_ATTRIBUTES", KVM_CAP_MEMORY_ATTRIBUTES, KVM_MEMORY_ATTRIBUTE_PRIVATE },
};

static int check(struct machine *m, struct why *why)
{
	int types = machine_extension(m, KVM_CAP_VM_TYPES);

	if (!types)
		return why_set(
			why, -E_NOSYS,
			"VM type protected: this KVM has no KVM_CAP_VM_TYPES, and is older than "
			"Linux 6.8");
	if (!(types & BIT(KVM_X86_SW_PROTECTED_VM)))
		return why_set(
			why, -E_NOSYS,
			"VM type protected: KVM_CAP_VM_TYPES is %#x: this kernel is built without "
			"KVM_SW_PROTECTED_VM, or kvm's tdp_mmu is off",
			types);
	for (size_t i = 0; i < array_count(needs); i++)
		if (!((u64)machine_extension(m, needs[i].number) & needs[i].bits))
			return why_set(why, -E_NOSYS, "VM type protected: this KVM has no %s",
				       needs[i].name);
	return 0;
}

static int add(struct machine *m, unsigned int index, struct why *why)
{
	struct memory_slot *slot = &m->memory.slots[index];
	struct host_memory_region2 region = {
		.slot = index,
		.flags = KVM_MEM_GUEST_MEMFD,
		.guest_phys_addr = slot->gpa,
		.memory_size = slot->size,
		.userspace_addr = (uintptr_t)slot->shared,
	};
	int error = memory_add_private(&m->memory, slot, m->vm, why);

	if (error)
		return error;
	region.guest_memfd = (u32)slot->guest_memfd;
	return machine_ask(m, m->vm, HOST_SET_USER_MEMORY_REGION2, &region, why);
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

	if (shared < m->image.high)
		return why_set(why, -E_INVAL,
			       "shared-below: the image ends at %#llx, and KVM could not "
			       "fill what is private of it",
			       (unsigned long long)m->image.high);
	for (unsigned int i = 0; i < m->memory.slot_count; i++) {
		const struct memory_slot *slot = &m->memory.slots[i];
		u64 start = slot->gpa > shared ? slot->gpa : shared;
		struct gpa_range range = { start, 0, true };
		int error;

		if (start >= slot->gpa + slot->size)
			continue;
		range.page_count = (slot->gpa + slot->size - start) / PAGE_SIZE;
		error = convert_range(&m->memory, m->vm, &range, POLICY_PUNCH, why);
		if (error)
			return error;
	}
	return 0;
}

/* For whoever measures: what this host uses, around a large conversion. */
static void report(struct machine *m, const struct gpa_range *range, int error, u64 before)
{
	char line[256];
	int length;

	if (!m->devices.results || range->page_count < REPORTED_PAGES)
		return;
	length =
		snprintf(line, sizeof(line),
			 "{\"kind\":\"conversion\",\"gpa\":%llu,\"pages\":%llu,\"private\":%s,"
			 "\"error\":%d,\"used_kib_before\":%llu,\"used_kib_after\":%llu}\n",
			 (unsigned long long)range->gpa, (unsigned long long)range->page_count,
			 range->private ? "true" : "false", error, (unsigned long long)before >> 10,
			 (unsigned long long)m->sys->used_memory(m->sys) >> 10);
	m->devices.results(m->devices.context, line, (size_t)length);
}

/* A half-done one that cannot be undone ends the run: the guest could not know what it has. */
static s64 convert(struct machine *m, const struct gpa_range *range)
{
	u64 before = m->sys->used_memory(m->sys);
	struct why why;
	int error = convert_range(&m->memory, m->vm, range, m->options->policy.other_side, &why);

	report(m, range, error, before);
	if (error == -E_IO)
		end_run(END_CRASH, "converting 0x%llx: %s", (unsigned long long)range->gpa,
			why.text);
	else if (error)
		end_note("converting 0x%llx: %s", (unsigned long long)range->gpa, why.text);
	return error ? -KVM_EFAULT : 0;
}

const struct vm_type vm_type_protected = {
	.name = "protected",
	.plainer = "default",
	.number = KVM_X86_SW_PROTECTED_VM,
	.has_private = true,
	.check = check,
	.vm_setup = vm_nothing,
	.memory_add = add,
	.vcpu_setup = vcpu_nothing,
	.launch = launch,
	.start_state = vm_start_by_pvh,
	.convert = convert,
};
