/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See memory.h.
 */
#include "host/memory.h"

#include <stdlib.h>
#include <string.h>

#include "host/kvm_uapi.h"
#include "host/layout.h"

const struct memory_slot *memory_slot(const struct memory *memory, u64 gpa, u64 size)
{
	for (unsigned int i = 0; i < memory->slot_count; i++) {
		const struct memory_slot *slot = &memory->slots[i];
		u64 offset = gpa - slot->gpa;

		if (offset < slot->size)
			return size && size <= slot->size - offset ? slot : NULL;
	}
	return NULL;
}

void *memory_shared(const struct memory *memory, u64 gpa, u64 size)
{
	const struct memory_slot *slot = memory_slot(memory, gpa, size);

	return slot && slot->shared ? (u8 *)slot->shared + (gpa - slot->gpa) : NULL;
}

int memory_init(struct memory *memory, struct sys *sys, u64 bytes, struct why *why)
{
	struct layout_range ranges[MEMORY_SLOTS_MAX];
	unsigned int count = layout_ranges(bytes, ranges);

	*memory = (struct memory){ .sys = sys };
	for (unsigned int i = 0; i < count; i++) {
		struct memory_slot *slot = &memory->slots[i];

		*slot = (struct memory_slot){ .gpa = ranges[i].gpa,
					      .size = ranges[i].size,
					      .guest_memfd = -1 };
		slot->shared = sys->map(sys, slot->size, -1);
		if (!slot->shared) {
			memory_release(memory);
			return why_set(why, -E_NOMEM, "this machine has no %llu MiB for the guest",
				       (unsigned long long)bytes >> 20);
		}
		memory->slot_count++;
	}
	return 0;
}

int memory_add_private(struct memory *memory, struct memory_slot *slot, int vm, struct why *why)
{
	struct host_create_guest_memfd create = { .size = slot->size };
	size_t words = (slot->size / PAGE_SIZE + 63) / 64;
	int fd = memory->sys->ioctl(memory->sys, vm, HOST_CREATE_GUEST_MEMFD, &create);

	if (fd < 0)
		return why_set(why, fd, "KVM_CREATE_GUEST_MEMFD: %s", strerror(-fd));
	slot->guest_memfd = fd;
	slot->private = calloc(words, sizeof(*slot->private));
	slot->stale = calloc(words, sizeof(*slot->stale));
	if (!slot->private || !slot->stale)
		return why_set(why, -E_NOMEM, "no memory for two bits for each page");
	return 0;
}

void memory_release(struct memory *memory)
{
	for (unsigned int i = 0; i < memory->slot_count; i++) {
		struct memory_slot *slot = &memory->slots[i];

		memory->sys->unmap(memory->sys, slot->shared, slot->size);
		if (slot->guest_memfd >= 0)
			memory->sys->close(memory->sys, slot->guest_memfd);
		free(slot->private);
		free(slot->stale);
	}
	memory->slot_count = 0;
}
