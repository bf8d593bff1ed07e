/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Behind the closed sandbox a process can write and end, run processors, read where they are, and
 * convert memory; any other system call, and any other request of KVM, kills it.
 * RUN: %host-cc %s -o %t
 */
#define _GNU_SOURCE
#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/kvm_uapi.h"
#include "host/sandbox.h"

static int serial = -1;

/* How a process ends that makes this call inside: its status, or minus the signal. */
static int try(long number, long a, long b, long c)
{
	struct why why;
	int status;
	pid_t child = fork();

	assert(child >= 0);
	if (!child) {
		if (sandbox_drop_privileges(&why) || sandbox_close(serial, &why))
			syscall(SYS_exit_group, 1);
		if (number == SYS_tgkill && !a)
			a = getpid(), b = gettid();
		syscall(number, a, b, c);
		syscall(SYS_exit_group, 77);
	}
	assert(waitpid(child, &status, 0) == child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Of all system calls, the ones that do not kill. */
static bool is_allowed(long number)
{
	static const long allowed[] = {
		SYS_futex,          SYS_write,           SYS_rt_sigreturn,
		SYS_rt_sigprocmask, SYS_close,           SYS_exit,
		SYS_exit_group,     SYS_clock_gettime,   SYS_madvise,
		SYS_fallocate,      SYS_munmap,          SYS_brk,
		SYS_fstat,          SYS_newfstatat,      SYS_lseek,
		SYS_getpid,         SYS_gettid,          SYS_restart_syscall,
		SYS_pread64,        SYS_sched_yield,     SYS_set_robust_list,
		SYS_rseq,           SYS_rt_sigtimedwait, SYS_tgkill,
	};

	for (unsigned int i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
		if (allowed[i] == number)
			return true;
	return false;
}

int main(void)
{
	/* From 335 on: calls that no filter of a newer kernel sees, and a gap. */
	for (long number = 0; number < 470; number = number == 334 ? 424 : number + 1)
		if (number != SYS_rt_sigreturn) /* it would crash */
			assert((try(number, 0, 0, 0) != -SIGSYS) == is_allowed(number));
	assert(try(SYS_write, 1, 0, 0) == 77);
	assert(try(SYS_futex, 0, 0, 0) == 77);
	assert(try(SYS_ioctl, -1, KVM_RUN, 0) == 77);
	assert(try(SYS_ioctl, -1, KVM_GET_REGS, 0) == 77);
	assert(try(SYS_ioctl, -1, HOST_SET_MEMORY_ATTRIBUTES, 0) == 77);
	assert(try(SYS_ioctl, -1, KVM_SET_REGS, 0) == -SIGSYS);
	assert(try(SYS_ioctl, -1, KVM_SET_USER_MEMORY_REGION, 0) == -SIGSYS);
	assert(try(SYS_tgkill, 0, 0, 0) == 77);
	assert(try(SYS_tgkill, getpid(), gettid(), 0) == -SIGSYS);
	assert(try(SYS_kill, getpid(), 0, 0) == -SIGSYS);
	assert(try(SYS_openat, AT_FDCWD, (long)"/", O_RDONLY) == -SIGSYS);
	assert(try(SYS_execve, 0, 0, 0) == -SIGSYS);
	assert(try(SYS_socket, 0, 0, 0) == -SIGSYS);
	assert(try(SYS_clone, 0, 0, 0) == -SIGSYS);
	assert(try(SYS_mmap, 0, 4096, 4) == -SIGSYS);
	assert(try(SYS_mprotect, 0, 4096, 4) == -SIGSYS);
	assert(try(SYS_exit_group, 5, 0, 0) == 5);
	assert(try(SYS_read, 0, 0, 0) == -SIGSYS && try(SYS_poll, 0, 1, 0) == -SIGSYS);
	serial = open("/dev/null", O_RDONLY);
	assert(serial > 0 && try(SYS_read, serial, 0, 0) == 77 && try(SYS_poll, 0, 1, 0) == 77);
	assert(try(SYS_read, serial - 1, 0, 0) == -SIGSYS && try(SYS_poll, 0, 2, 0) == -SIGSYS);
	assert(try(SYS_openat, AT_FDCWD, (long)"/", O_RDONLY) == -SIGSYS);
	return 0;
}
