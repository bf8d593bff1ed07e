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
#ifndef KVM_EXIT_TDX
#define KVM_EXIT_TDX 40
#endif
#ifndef KVM_EXIT_SNP_REQ_CERTS
#define KVM_EXIT_SNP_REQ_CERTS 43
#endif
#ifndef KVM_SYSTEM_EVENT_TDX_FATAL
#define KVM_SYSTEM_EVENT_TDX_FATAL 7
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

struct host_tdvmcall { /* kvm_run.tdx, Linux 6.16 */
	u64 flags;
	u64 number;
	u64 status; /* the first word of whatever it is */
};

struct host_snp_req_certs { /* kvm_run.snp_req_certs, Linux 7.0 */
	u64 gpa;
	u64 npages; /* of the guest's; with ENOSPC, that there are to be */
	u64 ret;    /* 0, or as errno has it: ENOSPC, EAGAIN, EIO */
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

struct host_enc_region { /* struct kvm_enc_region */
	u64 addr;
	u64 size;
};

/* KVM_MEMORY_ENCRYPT_OP: Documentation/virt/kvm/x86/amd-memory-encryption.rst */
enum host_sev_command {
	HOST_SEV_LAUNCH_START = 2,
	HOST_SEV_LAUNCH_UPDATE_DATA = 3,
	HOST_SEV_LAUNCH_UPDATE_VMSA = 4,
	HOST_SEV_LAUNCH_MEASURE = 6,
	HOST_SEV_LAUNCH_FINISH = 7,
	HOST_SEV_INIT2 = 22,
	HOST_SNP_LAUNCH_START = 100,
	HOST_SNP_LAUNCH_UPDATE = 101,
	HOST_SNP_LAUNCH_FINISH = 102,
	HOST_SNP_ENABLE_REQ_CERTS = 103, /* Linux 7.0 */
};

struct host_sev_cmd { /* struct kvm_sev_cmd */
	u32 id;
	u32 pad0;
	u64 data;
	u32 error; /* the firmware's */
	u32 sev_fd;
};

#define HOST_GHCB_VERSION 2

struct host_sev_init { /* struct kvm_sev_init */
	u64 vmsa_features;
	u32 flags;
	u16 ghcb_version;
	u16 pad1;
	u32 pad2[8];
};

struct host_sev_launch_start { /* struct kvm_sev_launch_start */
	u32 handle;
	u32 policy;
	u64 dh_uaddr;
	u32 dh_len;
	u32 pad0;
	u64 session_uaddr;
	u32 session_len;
	u32 pad1;
};

struct host_sev_launch_update_data { /* struct kvm_sev_launch_update_data */
	u64 uaddr;
	u32 len;
	u32 pad0;
};

struct host_sev_launch_measure { /* struct kvm_sev_launch_measure */
	u64 uaddr;
	u32 len;
	u32 pad0;
};

#define HOST_SEV_MEASUREMENT_SIZE 48 /* SEV-API: an HMAC of SHA-256 and a nonce */

struct host_snp_launch_start { /* struct kvm_sev_snp_launch_start */
	u64 policy;
	u8 gosvw[16];
	u16 flags;
	u8 pad0[6];
	u64 pad1[4];
};

#define HOST_SNP_PAGE_NORMAL     0x1
#define HOST_SNP_PAGE_ZERO       0x3
#define HOST_SNP_PAGE_UNMEASURED 0x4
#define HOST_SNP_PAGE_SECRETS    0x5
#define HOST_SNP_PAGE_CPUID      0x6

struct host_snp_launch_update { /* struct kvm_sev_snp_launch_update */
	u64 gfn_start;
	u64 uaddr;
	u64 len;
	u8 type;
	u8 pad0;
	u16 flags;
	u32 pad1;
	u64 pad2[4];
};

struct host_snp_launch_finish { /* struct kvm_sev_snp_launch_finish */
	u64 id_block_uaddr;
	u64 id_auth_uaddr;
	u8 id_block_en;
	u8 auth_key_en;
	u8 vcek_disabled;
	u8 host_data[32];
	u8 pad0[3];
	u16 flags;
	u64 pad1[4];
};

/* The same request, of a TD: Documentation/virt/kvm/x86/intel-tdx.rst, Linux 6.16 */
enum host_tdx_command {
	HOST_TDX_CAPABILITIES = 0,
	HOST_TDX_INIT_VM = 1,
	HOST_TDX_INIT_VCPU = 2,
	HOST_TDX_INIT_MEM_REGION = 3,
	HOST_TDX_FINALIZE_VM = 4,
};

#define HOST_TDX_MEASURE_MEMORY_REGION 1

struct host_tdx_cmd { /* struct kvm_tdx_cmd */
	u32 id;
	u32 flags;
	u64 data;
	u64 hw_error;
};

/* struct kvm_tdx_capabilities and struct kvm_tdx_init_vm, each up to its struct kvm_cpuid2 */
struct host_tdx_capabilities {
	u64 supported_attrs;
	u64 supported_xfam;
	u64 tdvmcallinfo[4];
	u64 reserved[250];
};

struct host_tdx_init_vm {
	u64 attributes;
	u64 xfam;
	u64 mrconfigid[6];
	u64 mrowner[6];
	u64 mrownerconfig[6];
	u64 reserved[12];
};
ABI_SIZE(struct host_tdx_init_vm, 256);

struct host_tdx_init_mem_region { /* struct kvm_tdx_init_mem_region */
	u64 source_addr;
	u64 gpa;
	u64 nr_pages;
};

#define HOST_MEMORY_ENCRYPT_OP         _IOWR(KVMIO, 0xba, unsigned long)
#define HOST_MEMORY_ENCRYPT_REG_REGION _IOR(KVMIO, 0xbb, struct host_enc_region)
#define HOST_SET_USER_MEMORY_REGION2   _IOW(KVMIO, 0x49, struct host_memory_region2)
#define HOST_SET_MEMORY_ATTRIBUTES     _IOW(KVMIO, 0xd2, struct host_memory_attributes)
#define HOST_CREATE_GUEST_MEMFD        _IOWR(KVMIO, 0xd4, struct host_create_guest_memfd)
