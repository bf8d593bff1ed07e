/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SEV-SNP guest: the RMP keeps page states, and what a host does comes by #VC and VMGEXIT only.
 * Spec: APM2 15.34-15.36.
 */
#include "abi/kvm_para.h"
#include "abi/svm.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "monitor/machine/memory.h"
#include "monitor/machine/options.h"
#include "monitor/hardware/default.h"
#include "monitor/hardware/es.h"
#include "monitor/hardware/exit.h"
#include "monitor/hardware/hardware.h"
#include "monitor/hardware/snp_vmsa.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/denied.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/pages.h"
#include "monitor/hardware/snp_insn.h"
#include "monitor/hardware/snp_message.h"
#include "monitor/svm/stop.h"

/* In the index of the top level of nested tables, and above any memory. */
#define CBIT_MIN 39

static unsigned int snp_alias_bit(unsigned int highest) { return highest < CBIT_MIN ? 0 : highest; }

/* KVM's clock counts by the host's TSC, which is not the guest's any more. */
static void use_secure_tsc(void)
{
	guest.sev_features |= SEV_FEATURES_SECURE_TSC;
	hardware.cpuid.kvm_features &=
		~(u32)(BIT(KVM_FEATURE_CLOCKSOURCE2) | BIT(KVM_FEATURE_CLOCKSOURCE_STABLE_BIT));
}

static void snp_init(u64 page_count)
{
	u32 sev = CPUID_SEV_EAX_SEV | CPUID_SEV_EAX_SEV_ES | CPUID_SEV_EAX_SEV_SNP |
		  CPUID_SEV_EAX_COHERENT;

	if (guest.features & FEATURE_SECURE_TSC)
		sev |= CPUID_SEV_EAX_SECURE_TSC;
	cpuid_model_init(&hardware.cpuid, hardware.cpuid.raw, NULL, sev,
			 (unsigned int)__builtin_ctzll(guest.npt.alias_bit), guest.cpu_count);
	hardware.cpuid.own_time = guest.own_time;
	guest.sev_features = SEV_FEATURES_SNP_ACTIVE;
	if (guest.features & FEATURE_RESTRICTED_INJECTION)
		guest.sev_features |= SEV_FEATURES_RESTRICTED_INJECTION;
	if (guest.features & FEATURE_DEBUG_SWAP)
		guest.sev_features |= SEV_FEATURES_DEBUG_SWAP;
	if (guest.features & FEATURE_SECURE_TSC)
		use_secure_tsc();
	snp_message_init();
	rmp_init(&hardware.rmp, memory_alloc_dirty(page_state_size(page_count)), page_count);
	hardware.rmp.small_only = hardware.page_size == PAGE_SIZE;
}

static int snp_assign(u64 gpa, u64 size, enum launch_memory memory)
{
	static const u32 flags[] = {
		[LAUNCH_MEASURED] = RMP_VALIDATED,
		[LAUNCH_ACCEPTED] = RMP_VALIDATED | RMP_POISON,
		[LAUNCH_UNACCEPTED] = RMP_POISON,
	};

	return rmp_assign(&hardware.rmp, gpa, size, flags[memory]);
}

static int snp_fill_section(const struct launch_section *section)
{
	if (section->type == SEV_SECTION_CPUID)
		return cpuid_page_build(&hardware.cpuid, page_pointer(section->gpa));
	if (section->type == SEV_SECTION_SECRETS)
		snp_launch_secrets(page_pointer(section->gpa));
	return 0;
}

/*
 * What other firmware relies on, if it was said to: QEMU converts what is touched as shared, and
 * some versions use memory before they validate it. What is validated nobody converts unseen.
 */
static bool is_forgiven(enum violation violation, u64 gpa)
{
	u64 page = align_down(gpa, (u64)PAGE_SIZE);
	struct rmp_result r;

	switch (violation) {
	case VIOLATION_ACCESS_NOT_VALIDATED: return guest.lenient & LENIENT_TOUCH;
	case VIOLATION_ACCESS_SHARED_ALIAS:
		if (!(guest.lenient & LENIENT_CONVERT) ||
		    rmp_make_shared(&hardware.rmp, page, false, &r) || r.violation)
			return false;
		npt_unmap(&guest.npt, page, PAGE_SIZE);
		return true;
	default: return false;
	}
}

/*
 * Hardware tells the guest, for whom it is the end: a page that it validated is another one. Who is
 * told by a page that is gone too is not told. Does not: CR2, which has the linear address.
 * Spec: APM2 15.36.7 (validated bit), GHCB 4.1 (PAGE_NOT_VALIDATED).
 */
static bool telling;

static void not_validated(struct vcpu *v, u64 gpa)
{
	if (v->vmcb->control.exit_int_info & EVENT_VALID)
		stop_violation(v, VIOLATION_HOST_DENIED, "gpa=%#lx", gpa);
	telling = true;
	inject_vc(v, SVM_EXIT_PAGE_NOT_VALIDATED);
	telling = false;
}

static bool snp_access(struct vcpu *v, u64 address, enum access_kind kind)
{
	u64 gpa = address & ~v->npt->alias_bit;
	enum violation violation =
		rmp_access(&hardware.rmp, 0, gpa, kind_is_shared(v, address), kind);

	if (denied_is_astray(gpa) && !kind_is_shared(v, address))
		stop_violation(v, VIOLATION_HOST_DENIED, "gpa=%#lx", gpa);
	if (!violation || is_forgiven(violation, gpa))
		return true;
	if (telling) /* before there is an IDT the handler is anywhere */
		stop_violation(v, VIOLATION_HOST_DENIED, "gpa=%#lx", gpa);
	if (violation != VIOLATION_ACCESS_NOT_VALIDATED || !denied_has(gpa))
		stop_violation(v, denied_or(violation, gpa), "gpa=%#lx", gpa);
	not_validated(v, gpa);
	return false;
}

static bool snp_host_takes(u64 gpa, bool gives_back)
{
	return rmp_update(&hardware.rmp, gpa, gives_back);
}

static bool snp_is_shared(u64 gpa) { return rmp_is_shared(&hardware.rmp, gpa); }

static u64 snp_alike(u64 gpa, u64 *size) { return rmp_alike(&hardware.rmp, gpa, size); }

static bool snp_is_poison(u64 gpa) { return rmp_flags(&hardware.rmp, gpa) & RMP_POISON; }

static bool snp_is_read_only(u64 gpa) { return rmp_flags(&hardware.rmp, gpa) & RMP_IN_USE; }

static void snp_poisoned(u64 gpa, u64 size) { rmp_poisoned(&hardware.rmp, gpa, size); }

static void snp_msr(struct vcpu *v, const struct msr_access *access)
{
	es_msr(v, access,
	       SEV_STATUS_SEV | SEV_STATUS_SEV_ES | SEV_STATUS_OF_FEATURES(guest.sev_features));
}

static void snp_intercept(struct vmcb *vmcb)
{
	es_intercept(vmcb);
	snp_tsc_begin(vmcb);
}

static void snp_undefined(struct vcpu *v, const struct insn *insn)
{
	switch (insn->kind) {
	case INSN_PVALIDATE: snp_pvalidate(v, insn); return;
	case INSN_RMPADJUST: snp_rmpadjust(v, insn); return;
	case INSN_VMCALL: es_vmcall(v); return;
	default: inject_exception(v, VEC_UD); return;
	}
}

const struct hardware_ops hardware_snp = {
	.alias_is_shared = false,
	.is_intel = false,
	.has_ports = false,
	.has_cc_blob = true,
	.has_nmi_complete = true,
	.is_state_open = false,
	.has_tsc_deadline = true,
	.is_cipher = false,
	.is_zeroed = false,
	.has_hole_memory = false,
	.is_encrypted = true,
	.startup = STARTUP_BY_CREATION,
	.alias_bit = snp_alias_bit,
	.init = snp_init,
	.intercept = snp_intercept,
	.launch = es_launch,
	.assign = snp_assign,
	.fill_section = snp_fill_section,
	.access = snp_access,
	.is_shared = snp_is_shared,
	.host_access = snp_is_shared,
	.host_takes = snp_host_takes,
	.alike = snp_alike,
	.is_poison = snp_is_poison,
	.poisoned = snp_poisoned,
	.is_read_only = snp_is_read_only,
	.device = es_device,
	.msr = snp_msr,
	.write_cr = default_write_cr,
	.vmmcall = es_vmmcall,
	.undefined = snp_undefined,
	.host_exit = es_host_exit,
	.run = exit_loop,
	.holds_nmi = default_holds_nmi,
	.state_left = snp_vmsa_release,
};
