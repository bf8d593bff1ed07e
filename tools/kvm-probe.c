/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says whether this machine's KVM works, by doing: a guest of three instructions makes a hypercall
 * and halts. That /dev/kvm is there proves nothing: some open, create VMs and then never return.
 * Prints one sentence, which completes "KVM here: ..."; status 0 when it works, else 1. Called by
 * run-qemu.sh, which runs guests elsewhere then. Usage: kvm-probe [VM-TYPE [DEVICE [MILLISECONDS]]]
 * VM-TYPE: default or protected
 */
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/kvm_para.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEVICE_DEFAULT "/dev/kvm"
#define LIMIT_DEFAULT  1000 /* ms; it takes less than one where it works */
#define LIMIT_MAX      60000
#define GUEST_PAGE     4096
#define UNTOUCHED      0x5a5a

/* Linux 6.8's, which older headers lack. */
#ifndef KVM_CAP_VM_TYPES
#define KVM_CAP_VM_TYPES 235
#endif
#ifndef KVM_X86_SW_PROTECTED_VM
#define KVM_X86_SW_PROTECTED_VM 1
#endif

static int __attribute__((noreturn, format(printf, 1, 2))) say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	_exit(1);
}

static int must(int result, const char *what)
{
	if (result < 0)
		say("%s: %s", what, strerror(errno));
	return result;
}

/* The hypercall that this processor has; then HLT. Real mode, at address 0. */
static void write_code(uint8_t *page)
{
	static const uint8_t vmcall[] = { 0x0f, 0x01, 0xc1, 0x90, 0xf4 };
	static const uint8_t vmmcall[] = { 0x0f, 0x01, 0xd9, 0x90, 0xf4 };
	unsigned int eax, ebx = 0, ecx, edx;

	__get_cpuid(0, &eax, &ebx, &ecx, &edx);
	memcpy(page, ebx == signature_INTEL_ebx ? vmcall : vmmcall, sizeof(vmcall));
}

static bool has_vm_type(int kvm, unsigned long type)
{
	int types = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_VM_TYPES);

	return !type || (types > 0 && types & (1 << type));
}

static int create_guest(const char *device, unsigned long type)
{
	int kvm = open(device, O_RDWR | O_CLOEXEC), vm;
	struct kvm_userspace_memory_region region = { .memory_size = GUEST_PAGE };
	void *page;

	if (kvm < 0)
		say("%s: %s", device, strerror(errno));
	if (ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		say("%s is no KVM", device);
	if (!has_vm_type(kvm, type))
		say("%s has no protected VMs", device);
	vm = must(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	page = mmap(NULL, GUEST_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		say("no memory");
	write_code(page);
	region.userspace_addr = (uintptr_t)page;
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
	return must(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
}

static void set_registers(int vcpu)
{
	struct kvm_regs regs = { .rax = KVM_HC_VAPIC_POLL_IRQ, .rbx = UNTOUCHED, .rflags = 2 };
	struct kvm_sregs sregs;

	must(ioctl(vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	sregs.cs.base = sregs.cs.selector = 0;
	must(ioctl(vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
	must(ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
}

static void __attribute__((noreturn)) run_guest(const char *device, unsigned long type)
{
	int vcpu = create_guest(device, type);
	struct kvm_regs regs;
	struct kvm_run *run = mmap(NULL, GUEST_PAGE, PROT_READ, MAP_SHARED, vcpu, 0);

	if (run == MAP_FAILED)
		say("the VM's state cannot be mapped");
	set_registers(vcpu);
	must(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
	must(ioctl(vcpu, KVM_GET_REGS, &regs), "KVM_GET_REGS");
	if (run->exit_reason != KVM_EXIT_HLT)
		say("a guest's hypercall ended in exit %u", run->exit_reason);
	if (regs.rax || regs.rbx != UNTOUCHED)
		say("a guest's hypercall came back with wrong registers");
	puts("a guest's hypercall returns");
	fflush(stdout);
	_exit(0);
}

/* SIGCHLD is blocked, so that it is waited for with a limit. */
static int wait_for(pid_t child, const sigset_t *signals, long ms)
{
	const struct timespec limit = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	int status;

	if (sigtimedwait(signals, NULL, &limit) < 0) {
		kill(child, SIGKILL); /* and do not wait: it may hang in the kernel */
		say("a guest's hypercall does not return");
	}
	waitpid(child, &status, 0);
	if (!WIFEXITED(status))
		say("the probe was killed");
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	const char *type = argc > 1 ? argv[1] : "default";
	const char *device = argc > 2 ? argv[2] : DEVICE_DEFAULT;
	long ms = argc > 3 ? strtol(argv[3], NULL, 10) : LIMIT_DEFAULT;
	bool protected = strcmp(type, "protected") == 0;
	sigset_t signals;
	pid_t child;

	if (ms < 1 || ms > LIMIT_MAX || (!protected && strcmp(type, "default") != 0))
		say("usage: kvm-probe [default|protected [DEVICE [MILLISECONDS]]]");
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	child = must(fork(), "fork");
	if (!child)
		run_guest(device, protected ? KVM_X86_SW_PROTECTED_VM : 0);
	return wait_for(child, &signals, ms);
}
