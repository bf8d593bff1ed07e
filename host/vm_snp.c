/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SEV-SNP: the firmware copies what is launched into private memory and measures it; all other
 * memory is private and empty, and the guest accepts it. KVM adds the processors' state itself.
 * Spec: Linux Documentation/virt/kvm/x86/amd-memory-encryption.rst (KVM_SEV_SNP_LAUNCH_*), 6.12;
 * SNP-FW 7.1 (CPUID page), 4.3 (policy).
 * Not run on hardware so far: tested against a recorded fake, and on a stock KVM whose hardware our
 * monitor plays (docs/snp-host.md).
 */
#include <errno.h>
#include <string.h>

#include "abi/sev.h"
#include "host/caps.h"
#include "host/certificates.h"
#include "host/cpuid.h"
#include "host/kvm_uapi.h"
#include "host/launch.h"
#include "host/private.h"
#include "host/vm_sev.h"

#define POLICY_SMT      BIT(16)
#define POLICY_RESERVED BIT(17) /* must be 1 */
#define LEAF_XSTATE     0xd
#define UPDATE_TRIES    1000 /* in a row that a signal stopped */

static const char *const hints[] = { "kvm_amd's sev_snp", "/sys/module/kvm_amd/parameters/sev_snp",
				     NULL };

static int check(struct machine *m, struct why *why)
{
	int error = launch_check(m, hints, why);

	return error ? error : caps_check(m, CAPS_OF_PRIVATE, why);
}

static int setup(struct machine *m, struct why *why)
{
	int error = sev_vm_init(m, HOST_GHCB_VERSION, why);

	return error ? error : certificates_enable(m, why);
}

/* One page that the firmware checks: leaves that it knows, by its rules. */
static int fill_cpuid(struct machine *m, struct snp_cpuid_page *page, struct why *why)
{
	struct cpuid_list list = { .count = CPUID_ENTRIES_MAX };
	int error = machine_ask(m, m->kvm, KVM_GET_SUPPORTED_CPUID, &list, why);

	if (error)
		return error;
	cpuid_adapt(&list, 0, m->vcpu_count);
	memset(page, 0, sizeof(*page));
	for (u32 i = 0; i < list.count && i < CPUID_ENTRIES_MAX; i++) {
		const struct kvm_cpuid_entry2 *e = &list.entries[i];

		if (!(e->eax | e->ebx | e->ecx | e->edx))
			continue;
		if (page->count == SNP_CPUID_COUNT_MAX)
			return why_set(why, -E_NOSPC, "the CPUID page has no room for all leaves");
		page->fn[page->count++] = (struct snp_cpuid_fn){
			.eax_in = e->function,
			.ecx_in = e->index,
			.xcr0_in = e->function == LEAF_XSTATE && e->index <= 1,
			.eax = e->eax,
			.ebx = e->ebx,
			.ecx = e->ecx,
			.edx = e->edx,
		};
	}
	return 0;
}

static u8 page_type(enum launch_kind kind)
{
	switch (kind) {
	case LAUNCH_CPUID: return HOST_SNP_PAGE_CPUID;
	case LAUNCH_SECRETS: return HOST_SNP_PAGE_SECRETS;
	case LAUNCH_DATA: break;
	}
	return HOST_SNP_PAGE_NORMAL;
}

/*
 * KVM advances what is asked as far as it came, and calls that a success: only its length says
 * whether all is done. Who comes no further in many tries is not being interrupted.
 */
static int update(struct machine *m, struct host_snp_launch_update *u, struct why *why)
{
	for (int tries = 0; u->len && tries < UPDATE_TRIES; tries++) {
		u64 before = u->len;
		int error =
			sev_command(m, HOST_SNP_LAUNCH_UPDATE, u, "KVM_SEV_SNP_LAUNCH_UPDATE", why);

		if (error && error != -EAGAIN && error != -EINTR)
			return error;
		if (u->len < before)
			tries = 0;
	}
	return u->len ? why_set(why, -E_IO, "KVM_SEV_SNP_LAUNCH_UPDATE: %llu pages are left",
				(unsigned long long)u->len >> PAGE_SHIFT)
		      : 0;
}

static int add_range(struct machine *m, const struct launch_range *range, struct why *why)
{
	void *from = memory_shared(&m->memory, range->gpa, range->size);
	struct host_snp_launch_update u = { .gfn_start = range->gpa >> PAGE_SHIFT,
					    .uaddr = (uintptr_t)from,
					    .len = range->size,
					    .type = page_type(range->kind) };
	struct host_snp_launch_update again = u;
	int error = 0;

	if (!from)
		return why_set(why, -E_INVAL, "what is launched does not lie in memory");
	if (range->kind == LAUNCH_CPUID)
		error = fill_cpuid(m, from, why);
	if (!error)
		error = update(m, &u, why);
	/* The firmware corrected the page in its place: once more, as it wants it. */
	if (error == -EIO && range->kind == LAUNCH_CPUID)
		error = update(m, &again, why);
	return error;
}

static int launch(struct machine *m, struct why *why)
{
	struct host_snp_launch_start start = { .policy = POLICY_RESERVED | POLICY_SMT };
	struct host_snp_launch_finish finish = { 0 };
	struct launch_range ranges[LAUNCH_RANGES_MAX];
	unsigned int count = launch_ranges(&m->image, ranges);
	int error = sev_command(m, HOST_SNP_LAUNCH_START, &start, "KVM_SEV_SNP_LAUNCH_START", why);

	if (!error)
		error = private_from(m, 0, why);
	for (unsigned int i = 0; i < count && !error; i++)
		error = add_range(m, &ranges[i], why);
	if (!error)
		error = sev_command(m, HOST_SNP_LAUNCH_FINISH, &finish, "KVM_SEV_SNP_LAUNCH_FINISH",
				    why);
	if (!error)
		private_drop_shared(m);
	return error;
}

const struct vm_type vm_type_snp = {
	.name = "snp",
	.plainer = "sev-es",
	.number = KVM_X86_SNP_VM,
	.has_private = true,
	.is_sev = true,
	.check = check,
	.vm_setup = setup,
	.memory_add = private_memory_add,
	.vcpu_setup = vcpu_nothing,
	.start_state = vm_start_by_pvh,
	.launch = launch,
	.convert = private_convert,
};
