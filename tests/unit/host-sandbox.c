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
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/kvm_uapi.h"
#include "host/sandbox.h"

/* How a process ends that makes this call inside: its status, or minus the signal. */
static int try(long number, long a, long b, long c)
{
	struct why why;
	int status;
	pid_t child = fork();

	assert(child >= 0);
	if (!child) {
		if (sandbox_drop_privileges(&why) || sandbox_close(&why))
			syscall(SYS_exit_group, 1);
		if (number == SYS_tgkill && !a)
			a = getpid(), b = gettid();
		syscall(number, a, b, c);
		syscall(SYS_exit_group, 77);
	}
	assert(waitpid(child, &status, 0) == child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int main(void)
{
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
	return 0;
}
