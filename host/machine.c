/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See machine.h.
 */
#define _GNU_SOURCE
#include "host/machine.h"

#include <string.h>

#include "abi/kvm_para.h"
#include "host/caps.h"
#include "host/end.h"
#include "host/kvm_uapi.h"
#include "host/layout.h"
#include "host/vcpu.h"
#include "host/vm_type.h"

int machine_ask(const struct machine *m, int fd, unsigned long request, void *argument,
		struct why *why)
{
	int result = m->sys->ioctl(m->sys, fd, request, argument);

	return result < 0 ? why_set(why, result, "%s: %s", sys_request_name(request),
				    why_error(-result))
			  : 0;
}

static int enable(const struct machine *m, u32 cap, u64 argument, struct why *why)
{
	struct kvm_enable_cap enable = { .cap = cap, .args[0] = argument };

	return machine_ask(m, m->vm, KVM_ENABLE_CAP, &enable, why);
}

int machine_extension(const struct machine *m, u32 cap)
{
	int result = sys_ioctl_value(m->sys, m->vm >= 0 ? m->vm : m->kvm, KVM_CHECK_EXTENSION, cap);

	return result > 0 ? result : 0;
}

static int open_kvm(struct machine *m, struct why *why)
{
	const char *device = m->options->device;

	m->kvm = m->sys->open(m->sys, device);
	if (m->kvm < 0)
		return why_set(why, -E_NOENT, "%s: %s", device, why_error(-m->kvm));
	if (sys_ioctl_value(m->sys, m->kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		return why_set(why, -E_NOENT, "%s is no KVM", device);
	return 0;
}

static int create_vm(struct machine *m, struct why *why)
{
	if (m->type->check(m, why))
		return -E_NOSYS;
	m->vm = sys_ioctl_value(m->sys, m->kvm, KVM_CREATE_VM, m->type->number);
	if (m->vm < 0)
		return why_set(why, -E_NOSYS, "KVM_CREATE_VM of type %s: %s", m->type->name,
			       why_error(-m->vm));
	return 0;
}

/*
 * KVM-HC, MAP_GPA_RANGE: who offers MIGRATION_CONTROL filters it. That KVM does not know the MSR is
 * not enough: with its parameter ignore_msrs on it reads as 0, which means that memory is private.
 */
static int filter_msrs(const struct machine *m, struct why *why)
{
	u64 none = 0; /* a bit for each MSR, of which KVM reads whole longs: no access without us */
	struct kvm_msr_filter filter = {
		.flags = KVM_MSR_FILTER_DEFAULT_ALLOW,
		.ranges[0] = { .flags = KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE,
			       .nmsrs = 1,
			       .base = MSR_KVM_MIGRATION_CONTROL,
			       .bitmap = (u8 *)&none },
	};

	return machine_ask(m, m->vm, KVM_X86_SET_MSR_FILTER, &filter, why);
}

static int enable_all(struct machine *m, struct why *why)
{
	u64 identity_map = LAYOUT_IDENTITY_MAP;
	int error = enable(m, KVM_CAP_SPLIT_IRQCHIP, 0, why);

	if (!error)
		error = enable(m, KVM_CAP_EXIT_HYPERCALL, BIT(KVM_HC_MAP_GPA_RANGE), why);
	if (!error)
		error = enable(m, KVM_CAP_X86_USER_SPACE_MSR,
			       KVM_MSR_EXIT_REASON_FILTER | KVM_MSR_EXIT_REASON_UNKNOWN, why);
	if (!error)
		error = filter_msrs(m, why);
	if (!error)
		error = machine_ask(m, m->vm, KVM_SET_TSS_ADDR, (void *)LAYOUT_TSS, why);
	if (!error)
		error = machine_ask(m, m->vm, KVM_SET_IDENTITY_MAP_ADDR, &identity_map, why);
	return error;
}

static int add_memory(struct machine *m, struct why *why)
{
	int error = memory_init(&m->memory, m->sys, m->options->memory, why);

	for (unsigned int i = 0; i < m->memory.slot_count && !error; i++) {
		const struct memory_slot *slot = &m->memory.slots[i];
		struct why inner = { "" };

		error = m->type->memory_add(m, i, &inner);
		if (error)
			why_set(why, error, "memory from %#lx to %#lx: %s", slot->gpa,
				slot->gpa + slot->size, inner.text);
	}
	return error;
}

static int set_up(struct machine *m, const struct load *load, struct why *why)
{
	int error = open_kvm(m, why);

	if (!error)
		error = create_vm(m, why);
	if (!error)
		error = caps_check(m, CAPS_OF_ALL, why);
	if (!error)
		error = enable_all(m, why);
	if (!error && m->type->vm_setup(m, why))
		error = -E_NOSYS;
	if (!error)
		error = add_memory(m, why);
	if (!error)
		error = load_guest(&m->memory, load, &m->image, why);
	if (!error)
		error = vcpus_create(m, why);
	if (!error)
		error = m->type->start_state(m, &m->vcpus[0], why);
	if (!error)
		error = m->type->launch(m, why);
	return error;
}

static int create(struct machine *m, struct sys *sys, const struct options *options,
		  const struct vm_type *type, const struct load *load, struct why *why)
{
	int error;

	*m = (struct machine){ .sys = sys,
			       .options = options,
			       .type = type,
			       .kvm = -1,
			       .vm = -1,
			       .device = -1,
			       .vcpu_count = options->smp,
			       .lock = PTHREAD_MUTEX_INITIALIZER,
			       .migration_ready = type->has_private ? 0 : KVM_MIGRATION_READY,
			       .certificates = load->certificates,
			       .certificates_size = load->certificates_size };
	for (unsigned int i = 0; i < VCPU_MAX; i++)
		m->vcpus[i].fd = m->vcpus[i].stats = -1;
	error = set_up(m, load, why);
	if (error)
		machine_release(m);
	return error;
}

int machine_create(struct machine *m, struct sys *sys, const struct options *options,
		   const struct load *load, struct why *why)
{
	const struct vm_type *type = vm_type_find(options->vm_type, why);
	int error = type ? create(m, sys, options, type, load, why) : -E_INVAL;

	while (error == -E_NOSYS && options->fallback && type->plainer) {
		end_note("%s; going on with VM type %s, as asked", why->text, type->plainer);
		type = vm_type_find(type->plainer, why);
		error = type ? create(m, sys, options, type, load, why) : -E_INVAL;
	}
	return error;
}

void machine_release(struct machine *m)
{
	vcpus_release(m);
	memory_release(&m->memory);
	if (m->vm >= 0)
		m->sys->close(m->sys, m->vm);
	if (m->device >= 0)
		m->sys->close(m->sys, m->device);
	if (m->kvm >= 0)
		m->sys->close(m->sys, m->kvm);
	m->vm = m->device = m->kvm = -1;
}
