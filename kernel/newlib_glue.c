/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What newlib asks of the system: a console, a heap, a clock, an end. There are no files.
 */
#include <errno.h>
#include <reent.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>

#include "abi/exit_code.h"
#include "kernel/exit.h"
#include "kernel/time.h"
#include "kernel/workload.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "mm/heap.h"

#define PID 1

/* newlib's header declares them for applications under other names only. */
int _close(int fd);
int _fstat(int fd, struct stat *st);
int _getpid(void);
int _gettimeofday(struct timeval *tv, void *tz);
int _isatty(int fd);
int _kill(int pid, int sig);
off_t _lseek(int fd, off_t offset, int whence);
int _open(const char *name, int flags, int mode);
ssize_t _read(int fd, void *buf, size_t size);
void *_sbrk(ptrdiff_t increment);
clock_t _times(struct tms *tms);
int _unlink(const char *name);
ssize_t _write(int fd, const void *buf, size_t size);
int clock_gettime(clockid_t clock, struct timespec *ts);
noreturn_t _exit(int status);

static bool is_console(int fd) { return fd >= STDIN_FILENO && fd <= STDERR_FILENO; }

static int fail(int error)
{
	errno = error;
	return -1;
}

ssize_t _write(int fd, const void *buf, size_t size)
{
	if (fd != STDOUT_FILENO && fd != STDERR_FILENO)
		return fail(EBADF);
	log_raw(buf, size);
	return (ssize_t)size;
}

/* The console has no input. */
ssize_t _read(int fd, void *buf, size_t size)
{
	(void)buf, (void)size;
	return is_console(fd) ? 0 : fail(EBADF);
}

int _fstat(int fd, struct stat *st)
{
	if (!is_console(fd))
		return fail(EBADF);
	memset(st, 0, sizeof(*st));
	st->st_mode = S_IFCHR;
	return 0;
}

int _isatty(int fd) { return is_console(fd) ? 1 : fail(ENOTTY); }

off_t _lseek(int fd, off_t offset, int whence)
{
	(void)offset, (void)whence;
	return fail(is_console(fd) ? ESPIPE : EBADF);
}

int _close(int fd) { return is_console(fd) ? 0 : fail(EBADF); }

int _open(const char *name, int flags, int mode)
{
	(void)name, (void)flags, (void)mode;
	return fail(ENOENT);
}

int _unlink(const char *name)
{
	(void)name;
	return fail(ENOENT);
}

void *_sbrk(ptrdiff_t increment)
{
	void *before = heap_grow(increment);

	if (before)
		return before;
	errno = ENOMEM;
	return (void *)-1;
}

int _getpid(void) { return PID; }

/* abort() and assert() end here: a bug of the workload, so status 5 like one of ours. */
int _kill(int pid, int sig)
{
	if (pid != PID)
		return fail(ESRCH);
	panic("workload: %s", sig == SIGABRT ? "abort" : "raised a signal");
}

noreturn_t _exit(int status) { workload_exit(status); }

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	u64 ns = time_ns();

	(void)clock; /* there is no wall clock: all count from the boot */
	ts->tv_sec = (time_t)(ns / 1000000000);
	ts->tv_nsec = (long)(ns % 1000000000);
	return 0;
}

int _gettimeofday(struct timeval *tv, void *tz)
{
	u64 us = time_ns() / 1000;

	(void)tz;
	tv->tv_sec = (time_t)(us / 1000000);
	tv->tv_usec = (suseconds_t)(us % 1000000);
	return 0;
}

clock_t _times(struct tms *tms)
{
	clock_t ticks = (clock_t)(time_ns() / (1000000000 / CLOCKS_PER_SEC));

	*tms = (struct tms){ .tms_utime = ticks };
	return ticks;
}
