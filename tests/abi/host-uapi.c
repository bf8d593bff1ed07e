/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What host/kvm_uapi.h has of its own, since installed headers may be older, is what Linux 6.12
 * has. TDX came later, and is as its documentation says.
 * REQUIRES: linux
 * RUN: mkdir -p %t/linux && touch %t/linux/compiler_types.h %t/linux/compiler.h
 * RUN: clang -std=gnu17 -fsyntax-only -Wall -Werror -D__EXPORTED_HEADERS__ -D__user= \
 * RUN:   -I %root -I %t -isystem %linux/headers/include/uapi -isystem %linux/headers/arch/x86/include/uapi \
 * RUN:   -isystem %linux/headers/arch/x86/include/generated/uapi %s
 */
#include "host/kvm_uapi.h"

#ifndef KVM_CAP_GUEST_MEMFD
#error "these are not the headers of Linux 6.12"
#endif

#define SAME_SIZE(a, b) _Static_assert(sizeof(struct a) == sizeof(struct b), #a)
#define SAME_PLACE(a, b, field)                                                                    \
	_Static_assert(offsetof(struct a, field) == offsetof(struct b, field), #a "." #field)
#define SAME(a, b) _Static_assert((a) == (b), #a)

SAME_SIZE(kvm_userspace_memory_region2, host_memory_region2);
SAME_PLACE(kvm_userspace_memory_region2, host_memory_region2, userspace_addr);
SAME_PLACE(kvm_userspace_memory_region2, host_memory_region2, guest_memfd_offset);
SAME_PLACE(kvm_userspace_memory_region2, host_memory_region2, guest_memfd);
SAME(KVM_SET_USER_MEMORY_REGION2, HOST_SET_USER_MEMORY_REGION2);

SAME_SIZE(kvm_memory_attributes, host_memory_attributes);
SAME_PLACE(kvm_memory_attributes, host_memory_attributes, attributes);
SAME_PLACE(kvm_memory_attributes, host_memory_attributes, flags);
SAME(KVM_SET_MEMORY_ATTRIBUTES, HOST_SET_MEMORY_ATTRIBUTES);

SAME_SIZE(kvm_create_guest_memfd, host_create_guest_memfd);
SAME_PLACE(kvm_create_guest_memfd, host_create_guest_memfd, flags);
SAME(KVM_CREATE_GUEST_MEMFD, HOST_CREATE_GUEST_MEMFD);

_Static_assert(sizeof(((struct kvm_run *)0)->memory_fault) == sizeof(struct host_memory_fault),
	       "memory_fault");
SAME(offsetof(struct kvm_run, memory_fault.gpa) - offsetof(struct kvm_run, padding),
     offsetof(struct host_memory_fault, gpa));

SAME_SIZE(kvm_enc_region, host_enc_region);
SAME(KVM_MEMORY_ENCRYPT_OP, HOST_MEMORY_ENCRYPT_OP);
SAME(KVM_MEMORY_ENCRYPT_REG_REGION, HOST_MEMORY_ENCRYPT_REG_REGION);

SAME((int)KVM_SEV_INIT2, (int)HOST_SEV_INIT2);
SAME((int)KVM_SEV_LAUNCH_START, (int)HOST_SEV_LAUNCH_START);
SAME((int)KVM_SEV_LAUNCH_UPDATE_DATA, (int)HOST_SEV_LAUNCH_UPDATE_DATA);
SAME((int)KVM_SEV_LAUNCH_UPDATE_VMSA, (int)HOST_SEV_LAUNCH_UPDATE_VMSA);
SAME((int)KVM_SEV_LAUNCH_FINISH, (int)HOST_SEV_LAUNCH_FINISH);
SAME((int)KVM_SEV_SNP_LAUNCH_START, (int)HOST_SNP_LAUNCH_START);
SAME((int)KVM_SEV_SNP_LAUNCH_UPDATE, (int)HOST_SNP_LAUNCH_UPDATE);
SAME((int)KVM_SEV_SNP_LAUNCH_FINISH, (int)HOST_SNP_LAUNCH_FINISH);

SAME_SIZE(kvm_sev_cmd, host_sev_cmd);
SAME_PLACE(kvm_sev_cmd, host_sev_cmd, data);
SAME_PLACE(kvm_sev_cmd, host_sev_cmd, sev_fd);
SAME_SIZE(kvm_sev_init, host_sev_init);
SAME_PLACE(kvm_sev_init, host_sev_init, ghcb_version);
SAME_SIZE(kvm_sev_launch_start, host_sev_launch_start);
SAME_PLACE(kvm_sev_launch_start, host_sev_launch_start, session_uaddr);
SAME_SIZE(kvm_sev_launch_update_data, host_sev_launch_update_data);
SAME_PLACE(kvm_sev_launch_update_data, host_sev_launch_update_data, len);
SAME_SIZE(kvm_sev_snp_launch_start, host_snp_launch_start);
SAME_PLACE(kvm_sev_snp_launch_start, host_snp_launch_start, flags);
SAME_SIZE(kvm_sev_snp_launch_update, host_snp_launch_update);
SAME_PLACE(kvm_sev_snp_launch_update, host_snp_launch_update, type);
SAME_PLACE(kvm_sev_snp_launch_update, host_snp_launch_update, flags);
SAME_SIZE(kvm_sev_snp_launch_finish, host_snp_launch_finish);
SAME_PLACE(kvm_sev_snp_launch_finish, host_snp_launch_finish, host_data);
SAME_PLACE(kvm_sev_snp_launch_finish, host_snp_launch_finish, flags);

SAME(KVM_SEV_SNP_PAGE_TYPE_NORMAL, HOST_SNP_PAGE_NORMAL);
SAME(KVM_SEV_SNP_PAGE_TYPE_SECRETS, HOST_SNP_PAGE_SECRETS);
SAME(KVM_SEV_SNP_PAGE_TYPE_CPUID, HOST_SNP_PAGE_CPUID);

/* Those that kvm_uapi.h gives when a header has none. */
SAME(KVM_CAP_USER_MEMORY2, 231);
SAME(KVM_CAP_MEMORY_FAULT_INFO, 232);
SAME(KVM_CAP_MEMORY_ATTRIBUTES, 233);
SAME(KVM_CAP_GUEST_MEMFD, 234);
SAME(KVM_CAP_VM_TYPES, 235);
SAME(KVM_X86_SW_PROTECTED_VM, 1);
SAME(KVM_X86_SEV_VM, 2);
SAME(KVM_X86_SNP_VM, 4);
SAME(KVM_EXIT_MEMORY_FAULT, 39);
SAME(KVM_MEMORY_EXIT_FLAG_PRIVATE, 1 << 3);
SAME(KVM_MEM_GUEST_MEMFD, 1 << 2);
SAME(KVM_MEMORY_ATTRIBUTE_PRIVATE, 1 << 3);
