/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a processor's CPUID says: what KVM supports, and of our own the topology and the
 * paravirtual features that user space answers for.
 * Spec: APM3 E.3, E.4; SDM2 CPUID; KVM-CPUID.
 */
#pragma once

#include <linux/kvm.h>

#include "abi/bits.h"

#define CPUID_ENTRIES_MAX 256

struct cpuid_list { /* struct kvm_cpuid2 with room */
	u32 count;
	u32 padding;
	struct kvm_cpuid_entry2 entries[CPUID_ENTRIES_MAX];
};

/* @list holds KVM_GET_SUPPORTED_CPUID's answer; for the processor @index of @count. */
void cpuid_adapt(struct cpuid_list *list, unsigned int index, unsigned int count);
/*
 * For a guest that is not encrypted: KVM passes the leaf of a processor that has SEV on, but no
 * SEV_STATUS, which the leaf promises. As QEMU does.
 */
void cpuid_hide_sev(struct cpuid_list *list);
