/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all types of VM with a guest_memfd have in common.
 * Spec: KVM api.rst (KVM_SET_USER_MEMORY_REGION2, KVM_SET_MEMORY_ATTRIBUTES,
 * KVM_CREATE_GUEST_MEMFD), KVM-HC.
 */
#include "host/private.h"

#include <stdio.h>

#include "abi/kvm_para.h"
#include "host/convert.h"
#include "host/end.h"
#include "host/kvm_uapi.h"

#define REPORTED_PAGES 4096

int private_memory_add(struct machine *m, unsigned int index, struct why *why)
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

int private_from(struct machine *m, u64 shared_end, struct why *why)
{
	for (unsigned int i = 0; i < m->memory.slot_count; i++) {
		const struct memory_slot *slot = &m->memory.slots[i];
		u64 start = slot->gpa > shared_end ? slot->gpa : shared_end;
		struct gpa_range range = { start, 0, true, CONVERT_LAUNCH };
		int error;

		if (start >= slot->gpa + slot->size)
			continue;
		range.page_count = (slot->gpa + slot->size - start) / PAGE_SIZE;
		error = convert_range(&m->memory, m->vm, &range, POLICY_KEEP, why);
		if (error)
			return error;
	}
	return 0;
}

void private_drop_shared(struct machine *m)
{
	for (unsigned int i = 0; i < m->memory.slot_count; i++)
		convert_give_back(&m->memory, &m->memory.slots[i]);
}

/* A large conversion, with what this host uses before and after. Asking that takes time. */
static bool is_reported(const struct machine *m, const struct gpa_range *range)
{
	return m->devices.results && range->page_count >= REPORTED_PAGES;
}

static const char *reason_name(enum convert_reason reason)
{
	switch (reason) {
	case CONVERT_HYPERCALL: return "hypercall";
	case CONVERT_FAULT: return "fault";
	case CONVERT_LAUNCH: break;
	}
	return "launch";
}

static void report(struct machine *m, const struct gpa_range *range, int error, u64 before)
{
	char line[256];
	int length;

	length = snprintf(line, sizeof(line),
			  "{\"kind\":\"conversion\",\"reason\":\"%s\",\"gpa\":%llu,"
			  "\"pages\":%llu,\"private\":%s,"
			  "\"error\":%d,\"used_kib_before\":%llu,\"used_kib_after\":%llu}\n",
			  reason_name(range->reason), (unsigned long long)range->gpa,
			  (unsigned long long)range->page_count, range->private ? "true" : "false",
			  error, (unsigned long long)before >> 10,
			  (unsigned long long)m->sys->used_memory(m->sys) >> 10);
	m->devices.results(m->devices.context, line, (size_t)length);
}

/* A half-done one that cannot be undone ends the run: the guest could not know what it has. */
s64 private_convert(struct machine *m, const struct gpa_range *range)
{
	bool reported = is_reported(m, range);
	u64 before = reported ? m->sys->used_memory(m->sys) : 0;
	struct why why;
	int error = convert_range(&m->memory, m->vm, range, m->options->policy.other_side, &why);

	if (reported)
		report(m, range, error, before);
	if (error == -E_IO)
		end_run(END_CRASH, "converting 0x%llx: %s", (unsigned long long)range->gpa,
			why.text);
	else if (error)
		end_note("converting 0x%llx: %s", (unsigned long long)range->gpa, why.text);
	return error ? -KVM_EFAULT : 0;
}
