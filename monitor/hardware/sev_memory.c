/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See sev_memory.h. A page is mapped in one view only, that of the alias it was used by last: the
 * first access through the other one faults, sends the contents through the cipher, which is its
 * own inverse, and moves the mapping.
 */
#include "monitor/hardware/sev_memory.h"

#include "abi/kvm_para.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "monitor/machine/memory.h"
#include "monitor/hardware/es.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/host_ops.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/lie.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/stop.h"

/* In the index of the top level of nested tables, and above any memory. */
#define CBIT_MIN 39

/* Firmware's text, which a guest looks into with the C-bit and without, for tables of its own. */
#define BIOS_START 0xc0000
#define BIOS_END   0x100000

unsigned int sev_alias_bit(unsigned int highest) { return highest < CBIT_MIN ? 0 : highest; }

void sev_memory_init(u64 page_count, u32 sev_eax)
{
	cpuid_model_init(&hardware.cpuid, hardware.cpuid.raw, NULL, sev_eax,
			 (unsigned int)__builtin_ctzll(guest.npt.alias_bit), guest.cpu_count);
	hardware.cpuid.own_time = guest.own_time;
	hardware.cpuid.kvm_features |= BIT(KVM_FEATURE_MIGRATION_CONTROL);
	hardware.cpuid.false_name = guest.inject[INJECT_CPUID_LIE] == LIE_NAME;
	sev_pages_init(&hardware.sev, memory_alloc_dirty(page_state_size(page_count)), page_count);
	if (sev_pages_assign(&hardware.sev, BIOS_START, BIOS_END - BIOS_START, SEV_PAGE_KEPT))
		panic("memory ends below 1 MiB");
}

int sev_assign(u64 gpa, u64 size, enum launch_memory memory)
{
	if (gpa >= BIOS_START && gpa < BIOS_END)
		return 0;
	return sev_pages_assign(&hardware.sev, gpa, size,
				memory == LAUNCH_MEASURED ? 0 : SEV_PAGE_POISON);
}

/* True: through the other alias than before. */
static bool use(u64 gpa, bool shared)
{
	if (!sev_pages_use(&hardware.sev, gpa, shared))
		return false;
	npt_unmap(&guest.npt, align_down(gpa, (u64)PAGE_SIZE), PAGE_SIZE);
	return true;
}

/*
 * Once the guest may be migrated, a page goes to the other host as what the guest said it is. Not
 * asked of every guest: Linux tells little of what it shares before its first mm.
 */
static void check_told(struct vcpu *v, u64 gpa)
{
	if (hardware.strict_map_gpa && guest.host->is_told(v) &&
	    !sev_pages_is_as_told(&hardware.sev, gpa))
		stop_violation(v, VIOLATION_MAP_GPA_UNTOLD, "gpa=%#lx", gpa);
}

/* Fetches and table walks have the C-bit, whatever the entry says: APM2 15.34.5 */
bool sev_access(struct vcpu *v, u64 address, enum access_kind kind)
{
	u64 gpa = address & ~v->npt->alias_bit;
	bool is_data = kind == ACCESS_READ || kind == ACCESS_WRITE, is_news;

	if (page_class(gpa) == PAGE_DEVICE)
		stop_violation(v, VIOLATION_ACCESS_PRIVATE_DEVICE, "gpa=%#lx", gpa);
	is_news = use(gpa, is_data && kind_is_shared(v, address));
	is_news |= sev_pages_was_back(&hardware.sev, gpa);
	if (is_news && is_data)
		check_told(v, gpa);
	return true;
}

/* The host has no key: nothing stops it, and what it writes is noise to a private reader. */
bool sev_host_access(u64 gpa)
{
	use(gpa, true);
	return true;
}

bool sev_is_shared(u64 gpa) { return sev_pages_flags(&hardware.sev, gpa) & SEV_PAGE_SHARED; }

u64 sev_alike(u64 gpa, u64 *size) { return sev_pages_alike(&hardware.sev, gpa, size); }

bool sev_is_poison(u64 gpa) { return sev_pages_flags(&hardware.sev, gpa) & SEV_PAGE_POISON; }

void sev_poisoned(u64 gpa, u64 size) { sev_pages_poisoned(&hardware.sev, gpa, size); }

void sev_undefined(struct vcpu *v, const struct insn *insn)
{
	if (insn->kind == INSN_VMCALL)
		es_vmcall(v);
	else
		inject_exception(v, VEC_UD);
}
