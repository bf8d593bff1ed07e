/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KVM's paravirtual interface towards the guest: the MSRs that register pages, and hypercalls.
 * The pages are written through the shared alias: one that is not shared stays as it is.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/host/kvm_host.h"
#include "monitor/svm/vcpu.h"

/* MSRs of kvm_msr_known(); -E_INVAL: #GP. */
must_check int kvm_msr_read(struct vcpu *v, u32 msr, u64 *value);
must_check int kvm_msr_write(struct vcpu *v, u32 msr, u64 value);

/* A processor has set its TSC: the clocks, which go on, are told anew. */
void kvm_tsc_moved(void);

/* Before an entry, where v->host_is_due: in the guest's pages. */
void kvm_update(struct vcpu *v);

/*
 * @vector is about to be injected: where the guest has a page for it, the EOI is done here and the
 * guest is told that it need not.
 */
void kvm_interrupt(struct vcpu *v, unsigned int vector);

/* Whether the guest tells of each page that it shares: by then it can be migrated. */
bool kvm_is_told(const struct vcpu *v);

/* A hypercall with its registers, from wherever they came; its RAX. */
u64 kvm_hypercall(struct vcpu *v, const struct kvm_hypercall *call);
