/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fake of the kernel below postern-vmm: records every request by name, answers as a KVM that has
 * everything would, fails the one that a test names, and counts what was not given back.
 */
#pragma once

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/kvm_para.h"
#include "host/cpuid.h"
#include "host/kvm_uapi.h"
#include "host/sys.h"

#define FAKE_RIP   0x1234
#define FAKE_PAGES (U64_C(1) << 20) /* 4 GiB, whose attributes it keeps */

static struct fake {
	char log[1 << 12]; /* names, a blank behind each; punch, discard, map, open too */
	size_t used;
	int calls;
	int fail_at;   /* the call, counted from 1, that fails; 0: none */
	int fail_from; /* and all from this one on */
	int fds, maps; /* that are open */
	int next_fd;
	u32 missing_cap; /* answered with 0 */
	int vm_types;    /* KVM_CAP_VM_TYPES */
	int max_vcpus;
	int run_size;
	u32 leaves;               /* of KVM_GET_SUPPORTED_CPUID */
	const char *off;          /* a parameter of KVM's modules; NULL: sev's */
	u64 private_end;          /* no page behind it was ever private */
	bool private[FAKE_PAGES]; /* the last field: see fake_reset() */
} fake;

static void fake_reset(void)
{
	assert(!fake.fds && !fake.maps);
	memset(&fake, 0, offsetof(struct fake, private) + fake.private_end);
	fake.vm_types = 3;
	fake.max_vcpus = 4;
	fake.run_size = 3 * PAGE_SIZE;
	fake.missing_cap = ~0U;
	fake.next_fd = 100;
}

/* Records the call; true when it has to fail. */
static bool fake_call(const char *name)
{
	fake.calls++;
	if (fake.used + strlen(name) + 2 < sizeof(fake.log))
		fake.used += (size_t)sprintf(fake.log + fake.used, "%s ", name);
	return fake.calls == fake.fail_at || (fake.fail_from && fake.calls >= fake.fail_from);
}

/* Asks for nothing but exactly this, the questions left out. */
__attribute__((unused)) static void fake_expect(const char *expected)
{
	static char text[sizeof(fake.log)], copy[sizeof(fake.log)];

	text[0] = '\0';
	strcpy(copy, fake.log);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		if (strcmp(word, "KVM_CHECK_EXTENSION"))
			strcat(strcat(text, word), " ");
	if (strcmp(text, expected)) {
		fprintf(stderr, "asked:    %s\nexpected: %s\n", text, expected);
		abort();
	}
}

static int fake_new_fd(void)
{
	fake.fds++;
	return fake.next_fd++;
}

static void fake_read_line(struct sys *sys, const char *path, char *line, size_t size)
{
	(void)sys;
	snprintf(line, size, "%s", strstr(path, fake.off ? fake.off : "sev") ? "N" : "");
}

static int fake_open(struct sys *sys, const char *path)
{
	(void)sys;
	(void)path;
	return fake_call("open") ? -E_PERM : fake_new_fd();
}

static int fake_extension(u64 cap)
{
	if (cap == fake.missing_cap)
		return 0;
	switch (cap) {
	case KVM_CAP_VM_TYPES: return fake.vm_types;
	case KVM_CAP_MAX_VCPUS: return fake.max_vcpus;
	case KVM_CAP_EXIT_HYPERCALL: return 1 << KVM_HC_MAP_GPA_RANGE;
	case KVM_CAP_MEMORY_ATTRIBUTES: return (int)KVM_MEMORY_ATTRIBUTE_PRIVATE;
	default: return 1;
	}
}

/* A test in which processors run meanwhile replaces this. */
static void (*fake_changed)(u64 first, u64 end);

static int fake_attributes(const struct host_memory_attributes *a)
{
	u64 first = a->address / PAGE_SIZE, end = (a->address + a->size) / PAGE_SIZE;

	assert(a->address % PAGE_SIZE == 0 && a->size && a->size % PAGE_SIZE == 0 && !a->flags);
	assert(end <= FAKE_PAGES);
	if (end > fake.private_end)
		fake.private_end = end;
	for (u64 page = first; page < end; page++)
		fake.private[page] = a->attributes == KVM_MEMORY_ATTRIBUTE_PRIVATE;
	if (fake_changed)
		fake_changed(first, end);
	return 0;
}

static int fake_cpuid(struct cpuid_list *list)
{
	assert(list->count >= fake.leaves);
	list->count = fake.leaves;
	for (u32 i = 0; i < fake.leaves; i++)
		list->entries[i] = (struct kvm_cpuid_entry2){ .function = 0x1000 + i, .eax = 1 };
	return 0;
}

/* KVM copies whole longs of each bitmap: kvm_add_msr_filter(). */
static int fake_filter(const struct kvm_msr_filter *filter)
{
	for (unsigned int i = 0; i < KVM_MSR_FILTER_MAX_RANGES; i++) {
		const struct kvm_msr_filter_range *r = &filter->ranges[i];
		size_t size = (r->nmsrs + 63) / 64 * sizeof(u64);
		u64 bits[8];

		assert(size <= sizeof(bits));
		if (size)
			memcpy(bits, r->bitmap, size);
	}
	return 0;
}

/* For what only some types of VM ask for; 0 or a result. */
__attribute__((weak)) int fake_other(unsigned long request, void *argument);

static int fake_ioctl(struct sys *sys, int fd, unsigned long request, void *argument)
{
	(void)sys;
	assert(fd >= 100);
	if (request != HOST_MEMORY_ENCRYPT_OP && fake_call(sys_request_name(request)))
		return -E_IO;
	switch (request) {
	case KVM_GET_API_VERSION: return KVM_API_VERSION;
	case KVM_CHECK_EXTENSION: return fake_extension((uintptr_t)argument);
	case KVM_GET_VCPU_MMAP_SIZE: return fake.run_size;
	case KVM_CREATE_VM:
	case KVM_CREATE_VCPU:
	case KVM_GET_STATS_FD:
	case HOST_CREATE_GUEST_MEMFD: return fake_new_fd();
	case KVM_GET_SUPPORTED_CPUID: return fake_cpuid(argument);
	case KVM_GET_SREGS: memset(argument, 0, sizeof(struct kvm_sregs)); return 0;
	case KVM_GET_REGS: ((struct kvm_regs *)argument)->rip = FAKE_RIP; return 0;
	case HOST_SET_MEMORY_ATTRIBUTES: return fake_attributes(argument);
	case KVM_X86_SET_MSR_FILTER: return fake_filter(argument);
	default: return fake_other ? fake_other(request, argument) : 0;
	}
}

static void *fake_map(struct sys *sys, u64 size, int fd)
{
	(void)sys;
	(void)fd;
	if (fake_call("map"))
		return NULL;
	fake.maps++;
	return calloc(1, size);
}

static void fake_unmap(struct sys *sys, void *address, u64 size)
{
	(void)sys;
	(void)size;
	assert(address && fake.maps-- > 0);
	free(address);
}

static int fake_discard(struct sys *sys, void *address, u64 size)
{
	(void)sys;
	if (fake_call("discard"))
		return -E_IO;
	memset(address, 0, size);
	return 0;
}

/* A test that keeps private memory's content replaces this. */
static void (*fake_punched)(u64 offset, u64 size);

static int fake_punch(struct sys *sys, int fd, u64 offset, u64 size)
{
	(void)sys;
	assert(fd >= 100);
	if (fake_call("punch"))
		return -E_IO;
	if (fake_punched)
		fake_punched(offset, size);
	return 0;
}

static void fake_by_the_page(struct sys *sys, void *address, u64 size)
{
	(void)sys;
	assert(address && size);
}

static void fake_close(struct sys *sys, int fd)
{
	(void)sys;
	assert(fd >= 100 && fake.fds-- > 0);
}

/* Of what KVM_GET_STATS_FD opens; a test that has some replaces this. */
static const u8 *fake_stats;
static u64 fake_stats_size;

static s64 fake_read_at(struct sys *sys, int fd, void *to, u64 size, u64 offset)
{
	u64 rest = offset < fake_stats_size ? fake_stats_size - offset : 0;

	(void)sys;
	assert(fd >= 100);
	if (size > rest)
		size = rest;
	memcpy(to, fake_stats + offset, size);
	return (s64)size;
}

static u64 fake_used_memory(struct sys *sys)
{
	(void)sys;
	return 0;
}

static struct sys fake_sys = {
	.read_line = fake_read_line,
	.open = fake_open,
	.ioctl = fake_ioctl,
	.map = fake_map,
	.unmap = fake_unmap,
	.discard = fake_discard,
	.punch = fake_punch,
	.by_the_page = fake_by_the_page,
	.close = fake_close,
	.read_at = fake_read_at,
	.used_memory = fake_used_memory,
};
