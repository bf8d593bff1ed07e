/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into a real QEMU, so that it launches an SEV, SEV-ES, SNP or TDX guest over any plain
 * KVM: VM types, memory that the guest keeps to itself, /dev/sev and the launch commands are
 * answered here; each page that a launch command takes, and each processor's registers, go to the
 * file $REHEARSAL as a header and contents; the first KVM_RUN ends QEMU, or, with $REHEARSAL_END,
 * the guest as it says. It proves what QEMU does with an image, and nothing of a real kernel,
 * firmware or TDX module.
 * Spec: Linux Documentation/virt/kvm/api.rst, x86/amd-memory-encryption.rst, x86/intel-tdx.rst.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KVM_CREATE_VM                0xae01
#define KVM_CHECK_EXTENSION          0xae03
#define KVM_SET_USER_MEMORY_REGION   0x4020ae46
#define KVM_SET_USER_MEMORY_REGION_2 0x40a0ae49
#define KVM_RUN                      0xae80
#define KVM_SET_REGS                 0x4090ae82
#define KVM_SET_SREGS                0x4138ae84
#define KVM_SET_TSC_KHZ              0xaea2
#define KVM_ENABLE_CAP               0x4068aea3
#define KVM_MEMORY_ENCRYPT_OP        0xc008aeba
#define KVM_ENCRYPT_REG_REGION       0x8010aebb
#define KVM_SET_DEVICE_ATTR          0x4018aee1
#define KVM_GET_DEVICE_ATTR          0x4018aee2
#define KVM_HAS_DEVICE_ATTR          0x4018aee3
#define KVM_SET_SREGS2               0x4140aecd
#define KVM_SET_MEMORY_ATTRIBUTES    0x4020aed2
#define KVM_CREATE_GUEST_MEMFD       0xc040aed4
#define SEV_ISSUE_CMD                0xc0105300

#define CAP_EXIT_HYPERCALL    201
#define CAP_USER_MEMORY_2     231
#define CAP_MEMORY_ATTRIBUTES 233
#define CAP_GUEST_MEMFD       234
#define CAP_VM_TYPES          235
#define CAP_APIC_BUS_CYCLES   237

#define MEM_GUEST_MEMFD 4
#define VM_TYPE_SNP     4
#define VM_TYPE_TDX     5

#define GROUP_SEV         1
#define SEV_DEBUG_SWAP    0x20 /* one that a kernel offers and QEMU must not take unasked */
#define REGS_SIZE         144
#define SREGS_COMMON_SIZE 0x118 /* segments, tables, control registers, EFER, APIC base */

#define SEV_INIT          0
#define SEV_ES_INIT       1
#define SEV_LAUNCH_START  2
#define SEV_UPDATE_DATA   3
#define SEV_UPDATE_VMSA   4
#define SEV_MEASURE       6
#define SEV_FINISH        7
#define SEV_INIT2         22
#define SNP_LAUNCH_START  100
#define SNP_LAUNCH_UPDATE 101
#define SNP_LAUNCH_FINISH 102

#define TDX_CAPABILITIES    0
#define TDX_INIT_VM         1
#define TDX_INIT_VCPU       2
#define TDX_INIT_MEM_REGION 3
#define TDX_FINALIZE_VM     4
#define TDX_GET_CPUID       5
#define TDX_SEPT_VE_DISABLE (1u << 28)

struct sev_cmd {
	uint32_t id, pad;
	uint64_t data;
	uint32_t error, fd;
};

struct launch_data {
	uint64_t address;
	uint32_t length;
};

/* Of /dev/sev: command, then the address of its data. */
struct __attribute__((packed)) sev_issue {
	uint32_t command;
	uint64_t data;
};

#define PLATFORM_STATUS      1
#define STATUS_SIZE          12
#define STATUS_FLAGS         3
#define STATUS_FLAGS_ES      0x100
#define MEASUREMENT_SIZE     48
#define ERROR_INVALID_LENGTH 4

struct launch_update {
	uint64_t gfn, address, length;
	uint8_t type;
};

struct tdx_cmd {
	uint32_t id, flags;
	uint64_t data, hw_error;
};

struct tdx_capabilities {
	uint64_t attributes, xfam, reserved[254];
	uint32_t cpuid_count;
};

struct tdx_region {
	uint64_t address, gpa, count;
};

struct device_attr {
	uint32_t flags, group;
	uint64_t attr, address;
};

struct memory_region {
	uint32_t slot, flags;
	uint64_t gpa, size, address;
};

/* The start of struct kvm_run, and its system_event. */
struct run {
	uint8_t head[8];
	uint32_t exit_reason;
	uint8_t more[20];
	uint32_t type, count;
	uint64_t data[16];
};

#define RUN_SIZE         4096
#define EXIT_SYSTEM      24
#define EVENT_SEV_TERM   6
#define EVENT_TDX_FATAL  7
#define TDX_FATAL_RCX    1 /* indices of data[], which are QEMU's of registers */
#define TDX_FATAL_R12    12
#define TDX_FATAL_R14    14
#define GHCB_TERM_REASON 0x10100 /* set 0, reason 1 */

static int sev_fd = -1;
static int is_td;

static void record(const char *what, uint64_t a, uint64_t b, uint64_t c, const void *data,
		   size_t size)
{
	FILE *file = fopen(getenv("REHEARSAL"), "ab");

	fprintf(file, "%s %llu %llu %llu %zu\n", what, (unsigned long long)a, (unsigned long long)b,
		(unsigned long long)c, size);
	if (size)
		fwrite(data, size, 1, file);
	fclose(file);
}

static int launch(struct sev_cmd *cmd)
{
	struct launch_update *update = (struct launch_update *)cmd->data;
	struct launch_data *data = (struct launch_data *)cmd->data;
	uint32_t length;

	cmd->error = 0;
	switch (cmd->id) {
	case SEV_INIT:
	case SEV_ES_INIT: record("init", 0, 0, 0, NULL, 0); return 0;
	case SEV_LAUNCH_START: record("start", ((uint32_t *)cmd->data)[1], 0, 0, NULL, 0); return 0;
	case SEV_UPDATE_DATA:
		record("data", 0, 0, data->length, (const void *)data->address, data->length);
		return 0;
	case SEV_UPDATE_VMSA: record("vmsa", 0, 0, 0, NULL, 0); return 0;
	case SEV_MEASURE: /* the first time only the length is asked for */
		length = data->length;
		data->length = MEASUREMENT_SIZE;
		cmd->error = length ? 0 : ERROR_INVALID_LENGTH;
		return length ? 0 : -1;
	case SEV_FINISH: record("finish", 0, 0, 0, NULL, 0); return 0;
	case SEV_INIT2: record("init", *(uint64_t *)cmd->data, 0, 0, NULL, 0); return 0;
	case SNP_LAUNCH_START: record("start", *(uint64_t *)cmd->data, 0, 0, NULL, 0); return 0;
	case SNP_LAUNCH_UPDATE:
		record("update", update->type, update->gfn, update->length,
		       (const void *)update->address, update->type == 3 ? 0 : update->length);
		update->gfn += update->length >> 12;
		update->address += update->length;
		update->length = 0;
		return 0;
	case SNP_LAUNCH_FINISH: record("finish", 0, 0, 0, NULL, 0); return 0;
	default: return -1;
	}
}

/* No bit of CPUID is QEMU's to configure. */
static int launch_td(const struct tdx_cmd *cmd)
{
	struct tdx_capabilities *capabilities = (struct tdx_capabilities *)cmd->data;
	const struct tdx_region *region = (const struct tdx_region *)cmd->data;

	switch (cmd->id) {
	case TDX_CAPABILITIES:
		memset(capabilities, 0, sizeof(*capabilities));
		capabilities->attributes = TDX_SEPT_VE_DISABLE;
		capabilities->xfam = ~0ull;
		return 0;
	case TDX_INIT_VM: record("init", *(uint64_t *)cmd->data, 0, 0, NULL, 0); return 0;
	case TDX_INIT_VCPU: record("vcpu", 0, cmd->data >> 12, 0, NULL, 0); return 0;
	case TDX_INIT_MEM_REGION:
		record("region", cmd->flags, region->gpa >> 12, region->count << 12,
		       (const void *)region->address, region->count << 12);
		return 0;
	case TDX_FINALIZE_VM: record("finish", 0, 0, 0, NULL, 0); return 0;
	case TDX_GET_CPUID: *(uint32_t *)cmd->data = 0; return 0;
	default: return -1;
	}
}

static long pass(int fd, unsigned long request, void *argument)
{
	return syscall(SYS_ioctl, fd, request, argument);
}

static long extension(int fd, unsigned long request, void *argument)
{
	switch ((uintptr_t)argument) {
	case CAP_VM_TYPES: return pass(fd, request, argument) | 1 << VM_TYPE_SNP | 1 << VM_TYPE_TDX;
	case CAP_EXIT_HYPERCALL: return 1 << 12;
	case CAP_MEMORY_ATTRIBUTES: return 8;
	case CAP_USER_MEMORY_2:
	case CAP_APIC_BUS_CYCLES:
	case CAP_GUEST_MEMFD: return 1;
	default: return pass(fd, request, argument);
	}
}

static int issue(const struct sev_issue *command)
{
	const uint32_t flags = STATUS_FLAGS_ES;

	if (command->command != PLATFORM_STATUS)
		return 0;
	memset((void *)command->data, 0, STATUS_SIZE);
	memcpy((char *)command->data + STATUS_FLAGS, &flags, sizeof(flags));
	return 0;
}

static int enable(int fd, unsigned long request, void *argument)
{
	switch (*(uint32_t *)argument) {
	case CAP_APIC_BUS_CYCLES:
	case CAP_EXIT_HYPERCALL: return 0;
	default: return (int)pass(fd, request, argument);
	}
}

static int device_attr(int fd, unsigned long request, struct device_attr *attr)
{
	if (attr->group != GROUP_SEV)
		return (int)pass(fd, request, attr);
	*(uint64_t *)attr->address = SEV_DEBUG_SWAP;
	return 0;
}

/* As KVM says that the guest terminated itself, once; older kernels fail with EINVAL. */
static int end_guest(int fd, const char *how)
{
	static int over;
	struct run *run;

	if (over) {
		usleep(10000);
		errno = EINTR;
		return -1;
	}
	if (!strcmp(how, "fail")) {
		errno = EINVAL;
		return -1;
	}
	over = 1;
	run = mmap(NULL, RUN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	run->exit_reason = EXIT_SYSTEM;
	run->type = strcmp(how, "tdx") ? EVENT_SEV_TERM : EVENT_TDX_FATAL;
	run->count = strcmp(how, "tdx") ? 1 : 16;
	memset(run->data, 0, sizeof(run->data));
	if (run->count == 1) {
		run->data[0] = GHCB_TERM_REASON;
	} else {
		run->data[TDX_FATAL_RCX] = 1 << TDX_FATAL_R12 | 1 << TDX_FATAL_R14;
		memcpy(&run->data[TDX_FATAL_R14], "postern.", 8);
	}
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	struct memory_region region;
	void *argument;
	va_list list;

	va_start(list, request);
	argument = va_arg(list, void *);
	va_end(list);
	if (fd == sev_fd)
		return issue(argument);
	switch ((uint32_t)request) {
	case KVM_CREATE_VM:
		is_td |= (uintptr_t)argument == VM_TYPE_TDX;
		return (int)pass(fd, request, NULL);
	case KVM_CHECK_EXTENSION: return (int)extension(fd, request, argument);
	case KVM_MEMORY_ENCRYPT_OP: return is_td ? launch_td(argument) : launch(argument);
	case KVM_SET_TSC_KHZ:
	case KVM_ENCRYPT_REG_REGION:
	case KVM_SET_MEMORY_ATTRIBUTES: return 0;
	case KVM_CREATE_GUEST_MEMFD: return memfd_create("guest", 0);
	case KVM_ENABLE_CAP: return enable(fd, request, argument);
	case KVM_GET_DEVICE_ATTR: return device_attr(fd, request, argument);
	case KVM_SET_USER_MEMORY_REGION_2:
		memcpy(&region, argument, sizeof(region));
		region.flags &= ~(uint32_t)MEM_GUEST_MEMFD;
		return (int)pass(fd, KVM_SET_USER_MEMORY_REGION, &region);
	case KVM_SET_REGS:
		record("regs", (uint64_t)fd, 0, 0, argument, REGS_SIZE);
		return (int)pass(fd, request, argument);
	case KVM_SET_SREGS:
	case KVM_SET_SREGS2:
		record("sregs", (uint64_t)fd, 0, 0, argument, SREGS_COMMON_SIZE);
		return (int)pass(fd, request, argument);
	case KVM_RUN:
		if (getenv("REHEARSAL_END"))
			return end_guest(fd, getenv("REHEARSAL_END"));
		record("run", 0, 0, 0, NULL, 0);
		_exit(77);
	default: return (int)pass(fd, request, argument);
	}
}

static int open_any(const char *path, int flags, int mode)
{
	if (strcmp(path, "/dev/sev"))
		return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	sev_fd = memfd_create("sev", 0);
	return sev_fd;
}

int open(const char *path, int flags, ...)
{
	va_list list;
	int mode;

	va_start(list, flags);
	mode = va_arg(list, int);
	va_end(list);
	return open_any(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list list;
	int mode;

	va_start(list, flags);
	mode = va_arg(list, int);
	va_end(list);
	return open_any(path, flags, mode);
}

/*
 * The C-bit's position as QEMU reads it off this processor, whatever that has there: beyond its
 * last leaf an Intel processor answers with another one's data (SDM2 CPUID).
 */
int rehearsal_cbit(void)
{
	unsigned int a, b, c, d;

	__cpuid_count(0x8000001f, 0, a, b, c, d);
	return b & 0x3f;
}
