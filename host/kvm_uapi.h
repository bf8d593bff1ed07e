/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <linux/kvm.h>, and of newer kernels what the installed one may lack.
 * Spec: Linux 6.12 include/uapi/linux/kvm.h, arch/x86/include/uapi/asm/kvm.h; tests/abi holds them
 * against that kernel's headers.
 */
#pragma once

#include <linux/kvm.h>

#include "abi/bits.h"

#ifndef KVM_CAP_EXIT_HYPERCALL
#define KVM_CAP_EXIT_HYPERCALL 201
#endif
#ifndef KVM_CAP_USER_MEMORY2
#define KVM_CAP_USER_MEMORY2 231
#endif
#ifndef KVM_CAP_MEMORY_FAULT_INFO
#define KVM_CAP_MEMORY_FAULT_INFO 232
#endif
#ifndef KVM_CAP_MEMORY_ATTRIBUTES
#define KVM_CAP_MEMORY_ATTRIBUTES 233
#endif
#ifndef KVM_CAP_GUEST_MEMFD
#define KVM_CAP_GUEST_MEMFD 234
#endif
#ifndef KVM_CAP_VM_TYPES
#define KVM_CAP_VM_TYPES 235
#endif

#ifndef KVM_X86_DEFAULT_VM
#define KVM_X86_DEFAULT_VM 0
#endif
#ifndef KVM_X86_SW_PROTECTED_VM
#define KVM_X86_SW_PROTECTED_VM 1
#endif
#ifndef KVM_X86_SEV_VM
#define KVM_X86_SEV_VM    2
#define KVM_X86_SEV_ES_VM 3
#endif
#ifndef KVM_X86_SNP_VM
#define KVM_X86_SNP_VM 4
#endif
#ifndef KVM_X86_TDX_VM
#define KVM_X86_TDX_VM 5
#endif

#ifndef KVM_EXIT_MEMORY_FAULT
#define KVM_EXIT_MEMORY_FAULT 39
#endif
#ifndef KVM_MEMORY_EXIT_FLAG_PRIVATE
#define KVM_MEMORY_EXIT_FLAG_PRIVATE (1ULL << 3)
#endif
#ifndef KVM_MEM_GUEST_MEMFD
#define KVM_MEM_GUEST_MEMFD (1UL << 2)
#endif
#ifndef KVM_MEMORY_ATTRIBUTE_PRIVATE
#define KVM_MEMORY_ATTRIBUTE_PRIVATE (1ULL << 3)
#endif

/* Of our own, since a header that has them gives no way to ask whether it does. */
struct host_memory_fault { /* kvm_run.memory_fault */
	u64 flags;
	u64 gpa;
	u64 size;
};

struct host_memory_region2 { /* struct kvm_userspace_memory_region2 */
	u32 slot;
	u32 flags;
	u64 guest_phys_addr;
	u64 memory_size;
	u64 userspace_addr;
	u64 guest_memfd_offset;
	u32 guest_memfd;
	u32 pad1;
	u64 pad2[14];
};

struct host_memory_attributes { /* struct kvm_memory_attributes */
	u64 address;
	u64 size;
	u64 attributes;
	u64 flags;
};

struct host_create_guest_memfd { /* struct kvm_create_guest_memfd */
	u64 size;
	u64 flags;
	u64 reserved[6];
};

#define HOST_SET_USER_MEMORY_REGION2 _IOW(KVMIO, 0x49, struct host_memory_region2)
#define HOST_SET_MEMORY_ATTRIBUTES   _IOW(KVMIO, 0xd2, struct host_memory_attributes)
#define HOST_CREATE_GUEST_MEMFD      _IOWR(KVMIO, 0xd4, struct host_create_guest_memfd)
