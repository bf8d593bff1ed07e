/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See vcpu.h.
 */
#include "host/vcpu.h"

#include "abi/x86.h"
#include "host/cpuid.h"
#include "host/kvm_uapi.h"
#include "host/layout.h"
#include "host/stats.h"
#include "host/vm_type.h"

/* Segment types: APM2 4.7, 4.8 */
#define TYPE_CODE     0xb /* executable, readable, accessed */
#define TYPE_DATA     0x3 /* writable, accessed */
#define TYPE_TSS_BUSY 0xb
#define SELECTOR_CODE 0x8
#define SELECTOR_DATA 0x10

static int set_cpuid(struct machine *m, struct vcpu *v, struct why *why)
{
	struct cpuid_list list = { .count = CPUID_ENTRIES_MAX };
	int error = machine_ask(m, m->kvm, KVM_GET_SUPPORTED_CPUID, &list, why);

	if (error)
		return error;
	cpuid_adapt(&list, v->index, m->vcpu_count);
	if (!m->type->is_sev)
		cpuid_hide_sev(&list);
	return machine_ask(m, v->fd, KVM_SET_CPUID2, &list, why);
}

static int map_run(struct machine *m, struct vcpu *v, struct why *why)
{
	int size = sys_ioctl_value(m->sys, m->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

	if (size < (int)sizeof(struct kvm_run))
		return why_set(why, -E_NOSYS, "KVM_GET_VCPU_MMAP_SIZE: %d", size);
	v->run_size = (u64)size;
	v->run = m->sys->map(m->sys, v->run_size, v->fd);
	return v->run ? 0 : why_set(why, -E_NOMEM, "a processor's state cannot be mapped");
}

static void release(struct machine *m, struct vcpu *v)
{
	if (v->run)
		m->sys->unmap(m->sys, v->run, v->run_size);
	if (v->stats >= 0)
		m->sys->close(m->sys, v->stats);
	if (v->fd >= 0)
		m->sys->close(m->sys, v->fd);
	v->run = NULL;
	v->fd = v->stats = -1;
}

static int create(struct machine *m, struct vcpu *v, struct why *why)
{
	int error;

	v->fd = sys_ioctl_value(m->sys, m->vm, KVM_CREATE_VCPU, v->index);
	if (v->fd < 0)
		return why_set(why, v->fd, "KVM_CREATE_VCPU: error %d", -v->fd);
	error = map_run(m, v, why);
	if (!error)
		error = set_cpuid(m, v, why);
	if (!error)
		error = m->type->vcpu_setup(m, v, why);
	if (!error && m->options->json)
		v->stats = stats_open(m, v);
	if (error)
		release(m, v);
	return error;
}

int vcpus_create(struct machine *m, struct why *why)
{
	for (unsigned int i = 0; i < m->vcpu_count; i++) {
		struct vcpu *v = &m->vcpus[i];
		struct why reason;
		int error;

		*v = (struct vcpu){
			.index = i, .fd = -1, .stats = -1, .machine = m, .late_fault = NO_FAULT
		};
		error = create(m, v, &reason);
		if (!error)
			continue;
		m->vcpu_count = i;
		vcpus_release(m);
		return why_set(why, error, "processor %u: %s; the %u before it are undone", i,
			       reason.text, i);
	}
	return 0;
}

void vcpus_release(struct machine *m)
{
	while (m->vcpu_count)
		release(m, &m->vcpus[--m->vcpu_count]);
}

static struct kvm_segment flat(u16 selector, u8 type)
{
	return (struct kvm_segment){ .limit = ~0U,
				     .selector = selector,
				     .type = type,
				     .present = 1,
				     .db = 1,
				     .s = 1,
				     .g = 1 };
}

/* Spec: PVH, "initial state": 32-bit protected mode, flat segments, no paging. */
static void pvh_state(struct kvm_sregs *s)
{
	s->cs = flat(SELECTOR_CODE, TYPE_CODE);
	s->ds = s->es = s->fs = s->gs = s->ss = flat(SELECTOR_DATA, TYPE_DATA);
	s->tr = (struct kvm_segment){ .limit = 0x67, .type = TYPE_TSS_BUSY, .present = 1 };
	s->cr0 = CR0_PE | CR0_ET;
	s->cr4 = 0;
	s->efer = 0;
}

static int start_at(struct machine *m, const struct vcpu *v, u64 entry, struct why *why)
{
	struct kvm_regs regs = { .rip = entry, .rbx = LAYOUT_START_INFO, .rflags = RFLAGS_FIXED };
	struct kvm_sregs sregs;
	int error = machine_ask(m, v->fd, KVM_GET_SREGS, &sregs, why);

	if (error)
		return error;
	pvh_state(&sregs);
	error = machine_ask(m, v->fd, KVM_SET_SREGS, &sregs, why);
	return error ? error : machine_ask(m, v->fd, KVM_SET_REGS, &regs, why);
}

int vm_start_by_pvh(struct machine *m, struct vcpu *v, struct why *why)
{
	return start_at(m, v, m->image.pvh_entry, why);
}

int vm_start_all(struct machine *m, struct vcpu *v, struct why *why)
{
	int error = vm_start_by_pvh(m, v, why);

	for (unsigned int i = 1; i < m->vcpu_count && m->image.ap_entry && !error; i++)
		error = start_at(m, &m->vcpus[i], m->image.ap_entry, why);
	return error;
}
