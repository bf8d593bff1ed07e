/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDX: the module copies what is launched into private memory and measures it; all other memory is
 * private and pending, and the guest accepts it. A TD starts at the reset vector whatever the host
 * wants, in 32-bit protected mode: a page there jumps to the image's PVH entry.
 * Spec: Linux Documentation/virt/kvm/x86/intel-tdx.rst, 6.16; TDX-BASE (initial state).
 * Does not: more than one processor. All would arrive at once, and the image's loader, a firmware,
 * would have to hold them.
 * Not run on hardware so far: tested against a recorded fake, and by the refusal of a stock KVM.
 */
#include <errno.h>
#include <string.h>

#include "abi/tdx.h"
#include "host/caps.h"
#include "host/cpuid.h"
#include "host/kvm_uapi.h"
#include "host/launch.h"
#include "host/layout.h"
#include "host/private.h"

#define REGION_TRIES 1000 /* each goes on where a signal stopped the last */

/* The page at the reset vector: ends with `jmp` to its own beginning, 16 bytes below 4G. */
#define RESET_OFFSET 0xff0

static const char *const hints[] = { "kvm_intel's tdx", "/sys/module/kvm_intel/parameters/tdx",
				     NULL };

static int check(struct machine *m, struct why *why)
{
	int error = launch_check(m, hints, why);

	if (!error && m->options->smp > 1)
		return why_set(
			why, -E_INVAL,
			"VM type tdx: more than one processor needs a firmware that holds the "
			"others");
	return error ? error : caps_check(m, CAPS_OF_PRIVATE, why);
}

static int command(struct machine *m, int fd, u32 id, u32 flags, u64 data, const char *name,
		   struct why *why)
{
	struct host_tdx_cmd cmd = { .id = id, .flags = flags, .data = data };
	int error = m->sys->ioctl(m->sys, fd, HOST_MEMORY_ENCRYPT_OP, &cmd);

	return error < 0 ? why_set(why, error, "%s: %s, the module's status %#llx", name,
				   why_error(-error), (unsigned long long)cmd.hw_error)
			 : 0;
}

/* Of what KVM supports, what the module lets a TD be configured with. */
static void configure(struct cpuid_list *list, const struct cpuid_list *allowed)
{
	u32 kept = 0;

	for (u32 i = 0; i < list->count; i++) {
		for (u32 j = 0; j < allowed->count; j++) {
			const struct kvm_cpuid_entry2 *a = &allowed->entries[j];
			struct kvm_cpuid_entry2 e = list->entries[i];

			if (e.function != a->function || e.index != a->index)
				continue;
			e.eax &= a->eax;
			e.ebx &= a->ebx;
			e.ecx &= a->ecx;
			e.edx &= a->edx;
			list->entries[kept++] = e;
			break;
		}
	}
	list->count = kept;
}

struct capabilities {
	struct host_tdx_capabilities head;
	struct cpuid_list cpuid;
};

struct init_vm {
	struct host_tdx_init_vm head;
	struct cpuid_list cpuid;
};

static int setup(struct machine *m, struct why *why)
{
	struct capabilities caps = { .cpuid.count = CPUID_ENTRIES_MAX };
	struct init_vm init = { .cpuid.count = CPUID_ENTRIES_MAX };
	int error = command(m, m->vm, HOST_TDX_CAPABILITIES, 0, (uintptr_t)&caps,
			    "KVM_TDX_CAPABILITIES", why);

	if (!error)
		error = machine_ask(m, m->kvm, KVM_GET_SUPPORTED_CPUID, &init.cpuid, why);
	if (error)
		return error;
	if (caps.cpuid.count > CPUID_ENTRIES_MAX || init.cpuid.count > CPUID_ENTRIES_MAX)
		return why_set(why, -E_2BIG, "KVM passed more CPUID leaves than were asked for");
	if (!(caps.head.supported_attrs & TDX_ATTR_SEPT_VE_DISABLE))
		return why_set(why, -E_NOSYS,
			       "VM type tdx: the module has no SEPT_VE_DISABLE, which the guest "
			       "insists on");
	cpuid_adapt(&init.cpuid, 0, m->vcpu_count);
	configure(&init.cpuid, &caps.cpuid);
	init.head.attributes = TDX_ATTR_SEPT_VE_DISABLE;
	init.head.xfam = caps.head.supported_xfam;
	return command(m, m->vm, HOST_TDX_INIT_VM, 0, (uintptr_t)&init, "KVM_TDX_INIT_VM", why);
}

static int setup_vcpu(struct machine *m, struct vcpu *v, struct why *why)
{
	return command(m, v->fd, HOST_TDX_INIT_VCPU, 0, 0, "KVM_TDX_INIT_VCPU", why);
}

/* mov $start_info, %ebx; mov $entry, %eax; jmp *%eax; and at the reset vector a jump there. */
static void write_reset_page(const struct machine *m, u8 *page)
{
	static const u8 jump_back[] = { 0xe9, 0x0b, 0xf0, 0xff,
					0xff }; /* to the page's beginning */
	u32 info = (u32)LAYOUT_START_INFO, entry = (u32)m->image.pvh_entry;

	page[0] = 0xbb;
	memcpy(page + 1, &info, sizeof(info));
	page[5] = 0xb8;
	memcpy(page + 6, &entry, sizeof(entry));
	page[10] = 0xff;
	page[11] = 0xe0;
	memcpy(page + RESET_OFFSET, jump_back, sizeof(jump_back));
}

_Static_assert(RESET_OFFSET + 5 + (s32)0xfffff00b == 0, "the jump ends at the page's beginning");

static int add_region(struct machine *m, u64 gpa, u64 size, struct why *why)
{
	struct host_tdx_init_mem_region region = {
		.source_addr = (uintptr_t)memory_shared(&m->memory, gpa, size),
		.gpa = gpa,
		.nr_pages = size >> PAGE_SHIFT,
	};
	int error = -EAGAIN;

	if (!region.source_addr)
		return why_set(why, -E_INVAL, "what is launched does not lie in memory");
	for (int i = 0; i < REGION_TRIES && (error == -EAGAIN || error == -EINTR); i++)
		error = command(m, m->vcpus[0].fd, HOST_TDX_INIT_MEM_REGION,
				HOST_TDX_MEASURE_MEMORY_REGION, (uintptr_t)&region,
				"KVM_TDX_INIT_MEM_REGION", why);
	return error;
}

/* A slot of its own: there is no RAM below 4G. */
static int add_reset_page(struct machine *m, struct why *why)
{
	unsigned int index = m->memory.slot_count;
	int error = memory_add_slot(&m->memory, LAYOUT_RESET_PAGE, PAGE_SIZE, why);

	if (!error)
		error = private_memory_add(m, index, why);
	if (!error)
		write_reset_page(m, m->memory.slots[index].shared);
	return error;
}

static int launch(struct machine *m, struct why *why)
{
	struct launch_range ranges[LAUNCH_RANGES_MAX];
	unsigned int count = launch_ranges(&m->image, ranges);
	int error = add_reset_page(m, why);

	if (!error)
		error = private_from(m, 0, why);
	for (unsigned int i = 0; i < count && !error; i++)
		error = add_region(m, ranges[i].gpa, ranges[i].size, why);
	if (!error)
		error = add_region(m, LAYOUT_RESET_PAGE, PAGE_SIZE, why);
	if (!error)
		error = command(m, m->vm, HOST_TDX_FINALIZE_VM, 0, 0, "KVM_TDX_FINALIZE_VM", why);
	if (!error)
		private_drop_shared(m);
	return error;
}

const struct vm_type vm_type_tdx = {
	.name = "tdx",
	.plainer = "default",
	.number = KVM_X86_TDX_VM,
	.has_private = true,
	.check = check,
	.vm_setup = setup,
	.memory_add = private_memory_add,
	.vcpu_setup = setup_vcpu,
	.start_state = vcpu_nothing,
	.launch = launch,
	.convert = private_convert,
};
