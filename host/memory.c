/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See memory.h.
 */
#include "host/memory.h"

#include <stdlib.h>
#include <string.h>

#include "host/kvm_uapi.h"
#include "host/layout.h"

#define FIRST_BYTES U64_C(0x200000)

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

int memory_add_slot(struct memory *memory, u64 gpa, u64 size, struct why *why)
{
	struct memory_slot *slot = &memory->slots[memory->slot_count];

	if (memory->slot_count == MEMORY_SLOTS_MAX)
		return why_set(why, -E_NOSPC, "there are no more than %d slots", MEMORY_SLOTS_MAX);
	*slot = (struct memory_slot){ .gpa = gpa, .size = size, .guest_memfd = -1 };
	slot->shared = memory->sys->map(memory->sys, size, -1);
	if (!slot->shared)
		return why_set(why, -E_NOMEM, "this machine has no %llu KiB for the guest",
			       (unsigned long long)size >> 10);
	/* Little is there at the start, and a large page would be cleared whole before. */
	if (!gpa)
		memory->sys->by_the_page(memory->sys, slot->shared,
					 size < FIRST_BYTES ? size : FIRST_BYTES);
	memory->slot_count++;
	return 0;
}

int memory_init(struct memory *memory, struct sys *sys, u64 bytes, struct why *why)
{
	struct layout_range ranges[2];
	unsigned int count = layout_ranges(bytes, ranges);
	int error = 0;

	*memory = (struct memory){ .sys = sys };
	for (unsigned int i = 0; i < count && !error; i++)
		error = memory_add_slot(memory, ranges[i].gpa, ranges[i].size, why);
	if (error)
		memory_release(memory);
	return error;
}

int memory_add_private(struct memory *memory, struct memory_slot *slot, int vm, struct why *why)
{
	struct host_create_guest_memfd create = { .size = slot->size };
	size_t words = (slot->size / PAGE_SIZE + 63) / 64;
	int fd = memory->sys->ioctl(memory->sys, vm, HOST_CREATE_GUEST_MEMFD, &create);

	if (fd < 0)
		return why_set(why, fd, "KVM_CREATE_GUEST_MEMFD: %s", why_error(-fd));
	slot->guest_memfd = fd;
	/* Else a page that is shared alone brings 511 others, which nobody sees or gives back. */
	memory->sys->by_the_page(memory->sys, slot->shared, slot->size);
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
