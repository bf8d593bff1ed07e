/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's memory as the VMM has it: a few slots, each with memory that the VMM sees (the
 * shared view) and, for VMs with private memory, a guest_memfd. The only way from a guest-physical
 * address to a pointer.
 *
 * With private memory a page has two sides, the shared view and the guest_memfd, and KVM's
 * attribute says which of them the guest sees; `private` is what KVM was told last.
 */
#pragma once

#include "host/sys.h"
#include "host/why.h"

#define MEMORY_SLOTS_MAX 3

struct memory_slot {
	u64 gpa;
	u64 size;
	void *shared;    /* NULL: not there */
	int guest_memfd; /* -1: none; then the bitmaps are not there */
	/* A bit for each page. */
	u64 *private;
	u64 *stale; /* the side that the guest does not see still has memory */
};

struct memory {
	struct sys *sys;
	unsigned int slot_count;
	struct memory_slot slots[MEMORY_SLOTS_MAX];
};

/* The slot that holds all of [@gpa, + @size), or NULL. An empty or wrapping range has none. */
const struct memory_slot *memory_slot(const struct memory *memory, u64 gpa, u64 size);

/* Creates the slot's guest_memfd; all of it is shared at first, and has no huge pages. */
must_check int memory_add_private(struct memory *memory, struct memory_slot *slot, int vm,
				  struct why *why);

/* The shared view of [@gpa, + @size), or NULL: then the guest has no such memory. */
void *memory_shared(const struct memory *memory, u64 gpa, u64 size);

/* One slot more, at the next index. */
must_check int memory_add_slot(struct memory *memory, u64 gpa, u64 size, struct why *why);
/* Maps the shared view of slots for @bytes of RAM (host/layout.h). */
must_check int memory_init(struct memory *memory, struct sys *sys, u64 bytes, struct why *why);
/* The end of the VM: everything back to the host. */
void memory_release(struct memory *memory);
