/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See sandbox.h. Spec: Linux Documentation/userspace-api/seccomp_filter.rst.
 */
#define _GNU_SOURCE
#include "host/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/kvm_uapi.h"

#define NOBODY 65534

/* What threads, stdio (whose buffers are there), free() and the end of the run do: by number. */
static const int calls[] = {
	SYS_write,
	SYS_close,
	SYS_fstat,
	SYS_lseek,
	SYS_munmap,
	SYS_brk,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_pread64,
	SYS_sched_yield,
	SYS_madvise,
	SYS_getpid,
	SYS_exit,
	SYS_rt_sigtimedwait,
	SYS_gettid,
	SYS_futex,
	SYS_restart_syscall,
	SYS_clock_gettime,
	SYS_exit_group,
	SYS_newfstatat,
	SYS_set_robust_list,
	SYS_fallocate,
	SYS_rseq,
};

/* Of all that KVM can be asked: running a processor, where it is, and converting memory. */
static const u32 requests[] = { (u32)KVM_RUN, (u32)KVM_GET_REGS, (u32)HOST_SET_MEMORY_ATTRIBUTES };

#define FILTER_MAX 90
#define LEAF_MAX   4

struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned short count;
};

static void add(struct filter *f, struct sock_filter instruction)
{
	f->code[f->count++] = instruction;
}

static void load(struct filter *f, size_t offset)
{
	add(f, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (u32)offset));
}

/* Where what was loaded is not @value, skips one instruction. */
static void skip_unless(struct filter *f, u32 value)
{
	add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
}

static void answer(struct filter *f, u32 action)
{
	add(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

/* A search, which ends with an answer. */
static void search(struct filter *f, const int *numbers, size_t count)
{
	unsigned short at = f->count;

	if (count > LEAF_MAX) {
		add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K,
						    (u32)numbers[count / 2], 0, 0));
		search(f, numbers, count / 2);
		f->code[at].jt = (u8)(f->count - at - 1);
		search(f, numbers + count / 2, count - count / 2);
		return;
	}
	for (size_t i = 0; i < count; i++)
		add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (u32)numbers[i],
						    (u8)(count - i - 1), i == count - 1));
	answer(f, SECCOMP_RET_ALLOW);
	answer(f, SECCOMP_RET_KILL_PROCESS);
}

/* Each number, and for a leaf of at least half its size two answers and a jump to it. */
_Static_assert(array_count(calls) * 5 / 2 + array_count(requests) * 2 + 25 <= FILTER_MAX,
	       "FILTER_MAX");

/* @call with one of @values as this argument; of which the low half counts, as for the kernel. */
static void allow_with(struct filter *f, u32 call, unsigned int argument, const u32 *values,
		       size_t count)
{
	u8 behind = (u8)(2 + 2 * count);

	add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, behind));
	load(f, offsetof(struct seccomp_data, args[argument]));
	for (size_t i = 0; i < count; i++) {
		skip_unless(f, values[i]);
		answer(f, SECCOMP_RET_ALLOW);
	}
	answer(f, SECCOMP_RET_KILL_PROCESS);
}

static void make(struct filter *f, int serial)
{
	const u32 self = (u32)getpid(), source = (u32)serial, one = 1;

	load(f, offsetof(struct seccomp_data, arch));
	add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0));
	answer(f, SECCOMP_RET_KILL_PROCESS);
	load(f, offsetof(struct seccomp_data, nr));
	allow_with(f, SYS_ioctl, 1, requests, array_count(requests)); /* first: it is each exit's */
	allow_with(f, SYS_tgkill, 0, &self, 1);                       /* to stop a processor */
	if (serial >= 0) {
		allow_with(f, SYS_read, 0, &source, 1);
		allow_with(f, SYS_poll, 1, &one, 1);
	}
	/*
	 * For each call that there is the kernel, when it takes a filter, looks whether the answer
	 * depends on the number alone, and gives up at an instruction like this one.
	 */
	add(f, (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0));
	search(f, calls, array_count(calls));
}

int sandbox_drop_privileges(struct why *why)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none))
		return why_set(why, -errno, "no core dumps: %s", why_error(errno));
	if (geteuid() == 0 && (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
			       setresuid(NOBODY, NOBODY, NOBODY)))
		return why_set(why, -errno, "giving up root's rights: %s", why_error(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return why_set(why, -errno, "no new privileges: %s", why_error(errno));
	return 0;
}

int sandbox_close(int serial, struct why *why)
{
	struct filter filter = { .count = 0 };
	struct sock_fprog program = { .filter = filter.code };

	make(&filter, serial);
	program.len = filter.count;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program))
		return why_set(why, -errno, "seccomp: %s", why_error(errno));
	return 0;
}
