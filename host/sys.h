/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel, as far as the VMM uses it for its guest, behind one struct: a test's fake records
 * and refuses what the real one does.
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"

struct sys {
	/* The first line of a small file, or "" where it cannot be read. */
	void (*read_line)(struct sys *sys, const char *path, char *line, size_t size);
	/* A descriptor, or a negative errno. */
	int (*open)(struct sys *sys, const char *path);
	/* The request's result, or a negative errno. */
	int (*ioctl)(struct sys *sys, int fd, unsigned long request, void *argument);
	/* @size bytes of @fd, or zeroed memory where @fd is -1; NULL where there is none. */
	void *(*map)(struct sys *sys, u64 size, int fd);
	void (*unmap)(struct sys *sys, void *address, u64 size);
	/* Gives memory back to the system, and zeroes are left: 0, or a negative errno. */
	int (*discard)(struct sys *sys, void *address, u64 size);
	int (*punch)(struct sys *sys, int fd, u64 offset, u64 size);
	/* From now on memory comes by the page that is touched, and not with its neighbours. */
	void (*by_the_page)(struct sys *sys, void *address, u64 size);
	void (*close)(struct sys *sys, int fd);
	/* Reads @size bytes at @offset: how many came, or a negative errno. */
	s64 (*read_at)(struct sys *sys, int fd, void *to, u64 size, u64 offset);
	/* Bytes that hold files or processes; opens its source when first called. */
	u64 (*used_memory)(struct sys *sys);
};

extern struct sys sys_linux;

/* A request whose argument is a number. */
static inline int sys_ioctl_value(struct sys *sys, int fd, unsigned long request, u64 value)
{
	return sys->ioctl(sys, fd, request, (void *)(uintptr_t)value);
}

/* "KVM_CREATE_VM"; of one that is not in requests.def "an unnamed request". */
const char *sys_request_name(unsigned long request);

/*
 * The same kernel, but that the @nth call (1 is the first) of the request with this name fails with
 * E_IO, and if asked all the @rest. NULL when there is no such request. One of it at a time.
 */
struct sys *sys_inject(struct sys *below, const char *name, u64 nth, bool rest);
/* The same, but that no slot gets its guest_memfd: a private page cannot be had. */
struct sys *sys_inject_no_memfd(struct sys *below);
