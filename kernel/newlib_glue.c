/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What newlib asks of the system: a console, a heap, a clock, an end. There are no files.
 */
#include <errno.h>
#include <fcntl.h>
#include <reent.h>
#include <signal.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>

#include "early/percpu.h"
#include "kernel/newlib.h"
#include "kernel/time.h"
#include "kernel/workload.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/spinlock.h"
#include "mm/heap.h"
#include "mm/page_states.h"

#define PID 1

void __real__free_r(struct _reent *reent, void *memory);
void __wrap__free_r(struct _reent *reent, void *memory);
void *__real__realloc_r(struct _reent *reent, void *memory, size_t size);
void *__wrap__realloc_r(struct _reent *reent, void *memory, size_t size);

/* newlib's names of the parameters are reserved ones. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

int clock_gettime(clockid_t clock, struct timespec *ts); /* newlib's has it for RTEMS only */

static bool is_console(int fd) { return fd >= STDIN_FILENO && fd <= STDERR_FILENO; }

static int fail(int error)
{
	errno = error;
	return -1;
}

_READ_WRITE_RETURN_TYPE write(int fd, const void *buf, size_t size)
{
	if (fd != STDOUT_FILENO && fd != STDERR_FILENO)
		return fail(EBADF);
	log_raw(buf, size);
	return (_READ_WRITE_RETURN_TYPE)size;
}

/* The console has no input. */
_READ_WRITE_RETURN_TYPE read(int fd, void *buf, size_t size)
{
	(void)buf, (void)size;
	return is_console(fd) ? 0 : fail(EBADF);
}

int fstat(int fd, struct stat *st)
{
	if (!is_console(fd))
		return fail(EBADF);
	memset(st, 0, sizeof(*st));
	st->st_mode = S_IFCHR;
	return 0;
}

int isatty(int fd) { return is_console(fd) ? 1 : fail(ENOTTY); }

off_t lseek(int fd, off_t offset, int whence)
{
	(void)offset, (void)whence;
	return fail(is_console(fd) ? ESPIPE : EBADF);
}

int close(int fd) { return is_console(fd) ? 0 : fail(EBADF); }

int open(const char *name, int flags, ...)
{
	(void)name, (void)flags;
	return fail(ENOENT);
}

int unlink(const char *name)
{
	(void)name;
	return fail(ENOENT);
}

void *sbrk(ptrdiff_t increment)
{
	void *before = heap_grow(increment);

	if (before)
		return before;
	errno = ENOMEM;
	return (void *)-1;
}

int getpid(void) { return PID; }

/* abort() and assert() end here: a bug of the workload, so status 5 like one of ours. */
int kill(int pid, int sig)
{
	if (pid != PID)
		return fail(ESRCH);
	panic("workload: %s", sig == SIGABRT ? "abort" : "raised a signal");
}

/* newlib takes it more than once on the way down: the owner may. */
static struct spinlock malloc_lock;
static unsigned int malloc_owner = CPU_MAX; /* nobody */
static unsigned int malloc_depth;           /* the owner's */

void __malloc_lock(struct _reent *reent)
{
	(void)reent;
	if (READ_ONCE(malloc_owner) != cpu_index()) {
		spin_lock(&malloc_lock);
		WRITE_ONCE(malloc_owner, cpu_index());
	}
	malloc_depth++;
}

void __malloc_unlock(struct _reent *reent)
{
	(void)reent;
	if (--malloc_depth)
		return;
	WRITE_ONCE(malloc_owner, CPU_MAX);
	spin_unlock(&malloc_lock);
}

/* Shared memory that goes back would become somebody's private data. */
static void check_private(void *memory)
{
	if (memory)
		CHECK(page_states_are_used(pa_of(memory), malloc_usable_size(memory)));
}

/*
 * By --wrap of tools/link all calls of these two come here, those inside newlib too: nothing else
 * hands memory back to the heap. realloc() may move a block, and the pages below stay as they are.
 */
void __wrap__free_r(struct _reent *reent, void *memory)
{
	check_private(memory);
	__real__free_r(reent, memory);
}

void *__wrap__realloc_r(struct _reent *reent, void *memory, size_t size)
{
	check_private(memory);
	return __real__realloc_r(reent, memory, size);
}

noreturn_t _exit(int status) { workload_exit(status); }

noreturn_t newlib_exit(int status) { exit(status); }

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	u64 ns = time_ns();

	(void)clock; /* there is no wall clock: all count from the boot */
	ts->tv_sec = (time_t)(ns / 1000000000);
	ts->tv_nsec = (long)(ns % 1000000000);
	return 0;
}

int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	u64 us = time_ns() / 1000;

	(void)tz;
	tv->tv_sec = (time_t)(us / 1000000);
	tv->tv_usec = (suseconds_t)(us % 1000000);
	return 0;
}

clock_t times(struct tms *tms)
{
	clock_t ticks = (clock_t)(time_ns() / (1000000000 / CLOCKS_PER_SEC));

	*tms = (struct tms){ .tms_utime = ticks };
	return ticks;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
