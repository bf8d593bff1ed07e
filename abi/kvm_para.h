/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KVM's paravirtual interface.
 * Spec: KVM-CPUID, KVM-MSR, KVM-HC.
 */
#pragma once

#include "abi/bits.h"

/* KVM-CPUID: 0x40000000 EBX ECX EDX spell the signature */
#define KVM_CPUID_SIGNATURE 0x40000000
#define KVM_CPUID_FEATURES  0x40000001
/* ... or so many further on, behind another hypervisor's: KVM-CPUID */
#define KVM_CPUID_STEP    0x100
#define KVM_CPUID_END     0x40010000
#define KVM_SIGNATURE_EBX 0x4b4d564b /* "KVMKVMKVM\0\0\0" */
#define KVM_SIGNATURE_ECX 0x564b4d56
#define KVM_SIGNATURE_EDX 0x0000004d

#define KVM_FEATURE_CLOCKSOURCE2           3
#define KVM_FEATURE_ASYNC_PF               4
#define KVM_FEATURE_STEAL_TIME             5
#define KVM_FEATURE_PV_EOI                 6
#define KVM_FEATURE_PV_TLB_FLUSH           9
#define KVM_FEATURE_PV_SEND_IPI            11
#define KVM_FEATURE_PV_SCHED_YIELD         13
#define KVM_FEATURE_ASYNC_PF_INT           14
#define KVM_FEATURE_HC_MAP_GPA_RANGE       16
#define KVM_FEATURE_MIGRATION_CONTROL      17
#define KVM_FEATURE_CLOCKSOURCE_STABLE_BIT 24

/* KVM-MSR */
#define MSR_KVM_WALL_CLOCK_NEW    0x4b564d00
#define MSR_KVM_SYSTEM_TIME_NEW   0x4b564d01
#define MSR_KVM_ASYNC_PF_EN       0x4b564d02
#define MSR_KVM_STEAL_TIME        0x4b564d03
#define MSR_KVM_PV_EOI_EN         0x4b564d04
#define MSR_KVM_POLL_CONTROL      0x4b564d05
#define MSR_KVM_ASYNC_PF_INT      0x4b564d06
#define MSR_KVM_ASYNC_PF_ACK      0x4b564d07
#define MSR_KVM_MIGRATION_CONTROL 0x4b564d08

#define KVM_MSR_ENABLED              1
#define KVM_STEAL_ALIGNMENT          64
#define KVM_ASYNC_PF_SEND_ALWAYS     BIT(1) /* in kernel mode too */
#define KVM_ASYNC_PF_DELIVERY_AS_INT BIT(3)

/* KVM-HC: RAX = number, RBX RCX RDX RSI = arguments, RAX = result */
#define KVM_HC_VAPIC_POLL_IRQ 1
#define KVM_HC_KICK_CPU       5
#define KVM_HC_CLOCK_PAIRING  9
#define KVM_HC_SEND_IPI       10
#define KVM_HC_SCHED_YIELD    11
#define KVM_HC_MAP_GPA_RANGE  12

#define KVM_ENOSYS     1000
#define KVM_EFAULT     14
#define KVM_EINVAL     22
#define KVM_E2BIG      7
#define KVM_EPERM      1
#define KVM_EOPNOTSUPP 95

/* MSR_KVM_MIGRATION_CONTROL: every change is told by MAP_GPA_RANGE. KVM-MSR */
#define KVM_MIGRATION_READY 0x1

#define KVM_MAP_GPA_RANGE_PAGE_SZ_4K   0
#define KVM_MAP_GPA_RANGE_PAGE_SZ_2M   BIT(0)
#define KVM_MAP_GPA_RANGE_PAGE_SZ_MASK 0xf /* what is preferred: 4K, 2M, 1G, and so on */
#define KVM_MAP_GPA_RANGE_ENCRYPTED    BIT(4)
#define KVM_MAP_GPA_RANGE_DECRYPTED    0

#ifndef __ASSEMBLER__
/* pvclock: the version is odd while the host writes */
struct pvclock_vcpu_time_info {
	u32 version;
	u32 pad0;
	u64 tsc_timestamp;
	u64 system_time;
	u32 tsc_to_system_mul;
	s8 tsc_shift;
	u8 flags;
	u8 pad[2];
};
ABI_SIZE(struct pvclock_vcpu_time_info, 32);
#define PVCLOCK_TSC_STABLE_BIT 0x01
#define PVCLOCK_GUEST_STOPPED  0x02

struct pvclock_wall_clock {
	u32 version;
	u32 sec;
	u32 nsec;
};
ABI_SIZE(struct pvclock_wall_clock, 12);

struct kvm_steal_time {
	u64 steal;
	u32 version;
	u32 flags;
	u8 preempted;
	u8 u8_pad[3];
	u32 pad[11];
};
ABI_SIZE(struct kvm_steal_time, 64);

#define KVM_PV_REASON_PAGE_NOT_PRESENT 1 /* flags; the token is in CR2 */
#define KVM_ASYNC_PF_TOKEN_ALL         0xffffffff

#define KVM_VCPU_PREEMPTED 0x1 /* in kvm_steal_time.preempted */
#define KVM_VCPU_FLUSH_TLB 0x2 /* the guest asks, and the host does it before it runs it again */

struct kvm_vcpu_pv_apf_data {
	u32 flags;
	u32 token;
	u8 pad[56];
};
ABI_SIZE(struct kvm_vcpu_pv_apf_data, 64);

#define KVM_PV_EOI_BIT 0

struct kvm_clock_pairing {
	s64 sec;
	s64 nsec;
	u64 tsc;
	u32 flags;
	u32 pad[9];
};
ABI_SIZE(struct kvm_clock_pairing, 64);
#endif
