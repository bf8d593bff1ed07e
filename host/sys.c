/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real kernel: see sys.h.
 */
#define _GNU_SOURCE
#include "host/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/kvm_uapi.h"
#include "lib/compiler.h"

static const struct request {
	unsigned long number;
	const char *name;
} requests[] = {
#define REQUEST(number, name) { number, name },
#include "host/requests.def"
#undef REQUEST
};

const char *sys_request_name(unsigned long request)
{
	for (size_t i = 0; i < array_count(requests); i++)
		if (requests[i].number == request)
			return requests[i].name;
	return "an unnamed request";
}

static void real_read_line(struct sys *sys __unused, const char *path, char *line, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, line, size - 1);

	if (fd >= 0)
		close(fd);
	line[got > 0 ? got : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

static int real_open(struct sys *sys __unused, const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int real_ioctl(struct sys *sys __unused, int fd, unsigned long request, void *argument)
{
	int result = ioctl(fd, request, argument);

	return result < 0 ? -errno : result;
}

static void *real_map(struct sys *sys __unused, u64 size, int fd)
{
	int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void real_unmap(struct sys *sys __unused, void *address, u64 size) { munmap(address, size); }

static int real_discard(struct sys *sys __unused, void *address, u64 size)
{
	return madvise(address, size, MADV_DONTNEED) ? -errno : 0;
}

static int real_punch(struct sys *sys __unused, int fd, u64 offset, u64 size)
{
	int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

	return fallocate(fd, mode, (off_t)offset, (off_t)size) ? -errno : 0;
}

/* A kernel without huge pages refuses, and needs no telling. */
static void real_by_the_page(struct sys *sys __unused, void *address, u64 size)
{
	(void)madvise(address, size, MADV_NOHUGEPAGE);
}

static void real_close(struct sys *sys __unused, int fd) { close(fd); }

static s64 real_read_at(struct sys *sys __unused, int fd, void *to, u64 size, u64 offset)
{
	ssize_t got = pread(fd, to, size, (off_t)offset);

	return got < 0 ? -errno : got;
}

/* The line's number; 0 where there is no such line. */
static u64 kib_of(const char *text, const char *name)
{
	const char *line = strstr(text, name);

	return line ? strtoull(line + strlen(name), NULL, 10) : 0;
}

/* Not what is free: the kernel keeps much of what was just freed in lists of each processor. */
static u64 real_used_memory(struct sys *sys __unused)
{
	static int fd = -1;
	char text[2048];
	ssize_t size;

	if (fd < 0)
		fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	size = pread(fd, text, sizeof(text) - 1, 0);
	if (size <= 0)
		return 0;
	text[size] = '\0';
	return (kib_of(text, "\nCached:") + kib_of(text, "\nAnonPages:")) << 10;
}

struct sys sys_linux = {
	.read_line = real_read_line,
	.open = real_open,
	.ioctl = real_ioctl,
	.map = real_map,
	.unmap = real_unmap,
	.discard = real_discard,
	.punch = real_punch,
	.by_the_page = real_by_the_page,
	.close = real_close,
	.read_at = real_read_at,
	.used_memory = real_used_memory,
};

/* What fails on purpose. */
static struct {
	struct sys sys;
	struct sys *below;
	unsigned long request;
	s64 left; /* until it fails, this call counted */
	bool rest;
} injected;

static int ioctl_without_memfd(struct sys *sys __unused, int fd, unsigned long request,
			       void *argument)
{
	struct host_memory_region2 region;

	if (request != HOST_SET_USER_MEMORY_REGION2)
		return injected.below->ioctl(injected.below, fd, request, argument);
	memcpy(&region, argument, sizeof(region));
	region.flags = 0;
	return injected.below->ioctl(injected.below, fd, request, &region);
}

struct sys *sys_inject_no_memfd(struct sys *below)
{
	injected.sys = *below;
	injected.sys.ioctl = ioctl_without_memfd;
	injected.below = below;
	return &injected.sys;
}

static int injected_ioctl(struct sys *sys __unused, int fd, unsigned long request, void *argument)
{
	s64 left = request == injected.request
			   ? __atomic_fetch_sub(&injected.left, 1, __ATOMIC_RELAXED)
			   : 2;

	if (left == 1 || (left < 1 && injected.rest))
		return -E_IO;
	return injected.below->ioctl(injected.below, fd, request, argument);
}

struct sys *sys_inject(struct sys *below, const char *name, u64 nth, bool rest)
{
	for (size_t i = 0; i < array_count(requests); i++) {
		if (strcmp(requests[i].name, name))
			continue;
		injected.sys = *below;
		injected.sys.ioctl = injected_ioctl;
		injected.below = below;
		injected.request = requests[i].number;
		injected.left = (s64)nth;
		injected.rest = rest;
		return &injected.sys;
	}
	return NULL;
}
