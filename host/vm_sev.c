/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SEV and SEV-ES: memory is encrypted in place by the firmware, which also measures it; with SEV-ES
 * so are the registers that each processor starts with.
 * Spec: Linux Documentation/virt/kvm/x86/amd-memory-encryption.rst; SEV API 6.2 to 6.5 (55766).
 * Not run on hardware so far: tested against a recorded fake, and on a stock KVM whose hardware our
 * monitor plays (docs/snp-host.md).
 */
#include "host/vm_sev.h"

#include <string.h>

#include "host/kvm_uapi.h"
#include "host/launch.h"

/* The guest's policy: SEV API, 3 */
#define POLICY_NO_DEBUG BIT(0)
#define POLICY_ES       BIT(2)

static const char *const hints_sev[] = { "kvm_amd's sev", "/sys/module/kvm_amd/parameters/sev",
					 NULL };
static const char *const hints_sev_es[] = { "kvm_amd's sev", "/sys/module/kvm_amd/parameters/sev",
					    "kvm_amd's sev_es",
					    "/sys/module/kvm_amd/parameters/sev_es", NULL };

static int check_sev(struct machine *m, struct why *why) { return launch_check(m, hints_sev, why); }

static int check_sev_es(struct machine *m, struct why *why)
{
	return launch_check(m, hints_sev_es, why);
}

int sev_command(struct machine *m, u32 id, void *data, const char *name, struct why *why)
{
	struct host_sev_cmd cmd = { .id = id, .data = (uintptr_t)data, .sev_fd = (u32)m->device };
	int error = m->sys->ioctl(m->sys, m->vm, HOST_MEMORY_ENCRYPT_OP, &cmd);

	return error < 0 ? why_set(why, error, "%s: %s, firmware's error %#x", name,
				   why_error(-error), cmd.error)
			 : 0;
}

int sev_vm_init(struct machine *m, u16 ghcb_version, struct why *why)
{
	struct host_sev_init init = { .ghcb_version = ghcb_version };

	m->device = m->sys->open(m->sys, "/dev/sev");
	if (m->device < 0)
		return why_set(why, m->device, "VM type %s: /dev/sev: %s", m->type->name,
			       why_error(-m->device));
	return sev_command(m, HOST_SEV_INIT2, &init, "KVM_SEV_INIT2", why);
}

static int setup_sev(struct machine *m, struct why *why) { return sev_vm_init(m, 0, why); }

static int setup_sev_es(struct machine *m, struct why *why)
{
	return sev_vm_init(m, HOST_GHCB_VERSION, why);
}

/* Encrypted memory does not move: KVM pins it. */
static int add(struct machine *m, unsigned int index, struct why *why)
{
	const struct memory_slot *slot = &m->memory.slots[index];
	struct host_enc_region region = { (uintptr_t)slot->shared, slot->size };
	int error = vm_type_default.memory_add(m, index, why);

	return error ? error : machine_ask(m, m->vm, HOST_MEMORY_ENCRYPT_REG_REGION, &region, why);
}

static int encrypt(struct machine *m, const struct launch_range *range, struct why *why)
{
	struct host_sev_launch_update_data update = {
		.uaddr = (uintptr_t)memory_shared(&m->memory, range->gpa, range->size),
		.len = (u32)range->size,
	};

	if (!update.uaddr || range->size > ~0U)
		return why_set(why, -E_INVAL, "what is launched does not lie in memory");
	return sev_command(m, HOST_SEV_LAUNCH_UPDATE_DATA, &update, "KVM_SEV_LAUNCH_UPDATE_DATA",
			   why);
}

/* Ends what may be added: the firmware finishes no launch that has not been measured. */
static int measure(struct machine *m, struct why *why)
{
	u8 measurement[HOST_SEV_MEASUREMENT_SIZE];
	struct host_sev_launch_measure blob = { (uintptr_t)measurement, sizeof(measurement), 0 };

	return sev_command(m, HOST_SEV_LAUNCH_MEASURE, &blob, "KVM_SEV_LAUNCH_MEASURE", why);
}

static int launch(struct machine *m, u32 policy, struct why *why)
{
	struct host_sev_launch_start start = { .policy = policy };
	struct launch_range ranges[LAUNCH_RANGES_MAX];
	unsigned int count = launch_ranges(&m->image, ranges);
	int error = sev_command(m, HOST_SEV_LAUNCH_START, &start, "KVM_SEV_LAUNCH_START", why);

	for (unsigned int i = 0; i < count && !error; i++)
		error = encrypt(m, &ranges[i], why);
	if (!error && policy & POLICY_ES)
		error = sev_command(m, HOST_SEV_LAUNCH_UPDATE_VMSA, NULL,
				    "KVM_SEV_LAUNCH_UPDATE_VMSA", why);
	if (!error)
		error = measure(m, why);
	if (!error)
		error = sev_command(m, HOST_SEV_LAUNCH_FINISH, NULL, "KVM_SEV_LAUNCH_FINISH", why);
	return error;
}

static int launch_sev(struct machine *m, struct why *why)
{
	return launch(m, POLICY_NO_DEBUG, why);
}

static int launch_sev_es(struct machine *m, struct why *why)
{
	return launch(m, POLICY_NO_DEBUG | POLICY_ES, why);
}

/* The C-bit decides, not the host: what it is told is for a migration, which it never makes. */
static s64 convert(struct machine *m __unused, const struct gpa_range *range __unused) { return 0; }

const struct vm_type vm_type_sev = {
	.name = "sev",
	.plainer = "default",
	.number = KVM_X86_SEV_VM,
	.has_private = true,
	.is_sev = true,
	.check = check_sev,
	.vm_setup = setup_sev,
	.memory_add = add,
	.vcpu_setup = vcpu_nothing,
	.start_state = vm_start_by_pvh,
	.launch = launch_sev,
	.convert = convert,
};

const struct vm_type vm_type_sev_es = {
	.name = "sev-es",
	.plainer = "sev",
	.number = KVM_X86_SEV_ES_VM,
	.has_private = true,
	.is_sev = true,
	.check = check_sev_es,
	.vm_setup = setup_sev_es,
	.memory_add = add,
	.vcpu_setup = vcpu_nothing,
	.start_state = vm_start_all,
	.launch = launch_sev_es,
	.convert = convert,
};
