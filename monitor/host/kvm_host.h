/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side of KVM's paravirtual interface: hypercalls decoded and checked, MSR values
 * judged, and the pages that the host writes.
 * Spec: KVM-HC, KVM-MSR. Memory is written through a callback (the monitor: the shared alias).
 */
#pragma once

#include "abi/kvm_para.h"
#include "lib/errno.h"

/* Writes guest memory as the host; 0 or negative. Order of calls is order of writes. */
typedef int (*kvm_write_t)(void *context, u64 gpa, const void *data, size_t size);

enum kvm_action {
	KVM_ACTION_NONE,
	KVM_ACTION_POLL_IRQ,
	KVM_ACTION_SEND_IPI, /* kvm_ipi_next() names the targets; `ret` gets their count */
	KVM_ACTION_YIELD,    /* to apic_id */
	KVM_ACTION_CLOCK,    /* kvm_clock_pairing_write() to gpa; its result is `ret` */
	KVM_ACTION_MAP_GPA,  /* gpa, page_count, encrypted; SNP guests use PSC instead */
};

struct kvm_hypercall {
	u64 nr;
	u64 args[4]; /* RBX RCX RDX RSI */
	unsigned int cpl;
	bool is_64bit; /* else the low 32 bits count */
};

struct kvm_hypercall_result {
	s64 ret; /* RAX */
	enum kvm_action action;
	u32 apic_id;
	u64 gpa;
	u64 page_count;
	bool encrypted;
	/* KVM_ACTION_SEND_IPI; ret: count those that there are */
	u64 ipi_low;
	u64 ipi_high;
	u32 ipi_min;
	u8 ipi_vector;
	bool ipi_nmi;
};

/* @features: BIT(KVM_FEATURE_*) offered; the call of a feature not offered is -KVM_ENOSYS. */
struct kvm_hypercall_result kvm_hypercall_decode(const struct kvm_hypercall *call, u32 features);

/* Takes the next target's APIC id out of @ipi; false when there is none left. */
bool kvm_ipi_next(struct kvm_hypercall_result *ipi, u32 *apic_id);

/* Whether @value fits a MSR_KVM_* that is known (alignment, reserved bits); else #GP. */
bool kvm_msr_valid(u32 msr, u64 value, u32 features);
/* Whether @msr is one of MSR_KVM_* that @features offer. */
bool kvm_msr_known(u32 msr, u32 features);

/* Nanoseconds = ((tsc << shift, or >> -shift) * mul) >> 32: the scale of a TSC of @tsc_khz. */
void kvm_clock_scale(u64 tsc_khz, u32 *mul, s8 *shift);
u64 kvm_clock_ns(u64 tsc_delta, u32 mul, s8 shift);

struct kvm_clock {
	u64 tsc; /* now, as the guest reads it */
	u64 ns;  /* since boot, now */
	u32 mul;
	s8 shift;
	u8 flags; /* PVCLOCK_* */
};

/*
 * Each writes one structure by the version protocol: odd version, contents, even version. @version
 * is the host's own count, even between calls. 0, or the callback's error.
 */
must_check int kvm_clock_write(kvm_write_t write, void *context, u64 gpa, u32 *version,
			       const struct kvm_clock *clock);
must_check int kvm_wall_clock_write(kvm_write_t write, void *context, u64 gpa, u32 *version,
				    u32 sec, u32 nsec);
must_check int kvm_steal_write(kvm_write_t write, void *context, u64 gpa, u32 *version,
			       u64 steal_ns, bool preempted);
/* The result of KVM_HC_CLOCK_PAIRING: 0 or -KVM_EFAULT, for RAX. */
s64 kvm_clock_pairing_write(kvm_write_t write, void *context, u64 gpa, s64 sec, s64 nsec, u64 tsc);
