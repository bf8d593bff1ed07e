/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TD: the TDX module between guest and host. What the module does by itself is done here; what
 * it leaves to the guest becomes #VE.
 * Spec: TDX-BASE, TDX-ABI.
 */
#include "abi/kvm_para.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "monitor/machine/memory.h"
#include "monitor/machine/options.h"
#include "monitor/hardware/default.h"
#include "monitor/hardware/exit.h"
#include "monitor/hardware/hardware.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/denied.h"
#include "monitor/svm/host_ops.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/stop.h"
#include "monitor/hardware/tdx_call.h"
#include "monitor/hardware/tdx_exit.h"
#include "monitor/hardware/tdx_root.h"
#include "monitor/hardware/tdx_ve.h"
#include "monitor/svm/vmcb.h"
#include "monitor/svm/x2apic.h"

/* Firmware's memory below 1 MiB: what the guest's map calls neither RAM nor a device */
#define BIOS_START 0xc0000
#define BIOS_END   0x100000

#define XFAM_X87 BIT(0)
#define XFAM_SSE BIT(1)
#define XFAM_AVX BIT(2)

/* KVM's features that KVM lets a TD have: none writes the guest's memory. */
#define TD_KVM_FEATURES (BIT(KVM_FEATURE_PV_SEND_IPI) | BIT(KVM_FEATURE_PV_SCHED_YIELD))

static unsigned int tdx_alias_bit(unsigned int highest)
{
	if (highest < TDX_SHARED_BIT(TDX_GPAW_48))
		return 0;
	return TDX_SHARED_BIT(highest < TDX_SHARED_BIT(TDX_GPAW_52) ? TDX_GPAW_48 : TDX_GPAW_52);
}

static u32 injected(enum options_inject what)
{
	return guest.inject[what] < 0 ? 0 : (u32)guest.inject[what];
}

static void tdx_init(u64 page_count)
{
	static struct tdx_platform platform;
	unsigned int gpaw = (unsigned int)__builtin_ctzll(guest.npt.alias_bit) + 1;
	bool pending_ve = injected(INJECT_TDX_PENDING_VE) || injected(INJECT_TDX_FLEXIBLE);
	u64 attributes = (pending_ve ? 0 : TDX_ATTR_SEPT_VE_DISABLE) |
			 (injected(INJECT_TDX_DEBUG) ? TDX_ATTR_DEBUG : 0);
	struct tdx_td *td = &hardware.td;
	u64 xfam;

	cpuid_model_init(&hardware.cpuid, hardware.cpuid.raw, NULL, 0, 0, guest.cpu_count);
	if (!injected(INJECT_TDX_PV_PAGES))
		hardware.cpuid.kvm_features = TD_KVM_FEATURES;
	xfam = (hardware.cpuid.xcr0_supported & XFAM_AVX) | XFAM_X87 | XFAM_SSE;
	tdx_root_platform(&platform);
	tdx_td_init(td, &tdx_machine, gpaw, attributes, xfam, guest.cpu_count);
	td->platform = &platform;
	for (unsigned int n = 0; n < array_count(td->uuid); n++)
		td->uuid[n] = rdtsc() * U64_C(0x9e3779b97f4a7c15) ^ n;
	if (injected(INJECT_TDX_FLEXIBLE))
		td->config_flags |= TDCS_CONFIG_FLEXIBLE_PENDING_VE;
	td->busy_count = injected(INJECT_TDX_BUSY);
	td->lenient = injected(INJECT_TDX_LENIENT);
	td->retry_chunks = injected(INJECT_TDX_RETRY);
	td->retry_forever = injected(INJECT_TDX_STUCK);
	td->map_gpa_refused = injected(INJECT_TDX_NO_MAP_GPA);
	td->pv_pages = injected(INJECT_TDX_PV_PAGES);
	sept_init(&td->sept, memory_alloc_dirty(page_state_size(page_count)), page_count);
	td->sept.small_only = hardware.page_size != PAGE_2M_SIZE; /* as KVM so far */
}

static void tdx_intercept(struct vmcb *vmcb)
{
	vmcb_intercept(vmcb, VMCB_INTERCEPT_RDTSC, false);
	vmcb_intercept(vmcb, VMCB_INTERCEPT_RDTSCP, false);
}

/* What a TD's processor has from the start and cannot change: TDX-BASE, initial state of a vCPU */
#define TDX_TSC_UNIT_KHZ 25000

static void tdx_launch(struct vcpu *v)
{
	struct vmsa *s = &v->vmcb->save;

	s->cr0 |= TDX_CR0_FIXED_1;
	s->cr4 |= TDX_CR4_FIXED_1;
	s->efer |= EFER_LME | EFER_NXE | EFER_SCE;
	v->hardware->td = (struct tdx_vcpu){ .index = v->id, .apic_id = v->apic_id };
	hardware.td.tsc_frequency = guest.tsc_khz / TDX_TSC_UNIT_KHZ;
	x2apic_init(v);
}

static int tdx_assign(u64 gpa, u64 size, enum launch_memory memory)
{
	return sept_assign(&hardware.td.sept, gpa, size, memory != LAUNCH_UNACCEPTED);
}

/*
 * QEMU converts private memory that is accessed as shared, and the other way round. Where the
 * firmware's memory is, a guest that does not know of it does both: Linux looks for an iBFT in its
 * own memory and for DMI in a device's.
 */
static void convert_bios(u64 gpa, bool shared)
{
	u64 page = align_down(gpa, (u64)PAGE_SIZE);

	if (gpa < BIOS_START || gpa >= BIOS_END || guest.hole_host ||
	    sept_is_private(&hardware.td.sept, gpa) != shared)
		return;
	npt_unmap(&guest.npt, page, PAGE_SIZE);
	if (shared ? sept_convert(&hardware.td.sept, page, PAGE_SIZE, false)
		   : sept_assign(&hardware.td.sept, page, PAGE_SIZE, true))
		return;
	sept_written(&hardware.td.sept, page, PAGE_SIZE); /* it keeps what it tells */
}

static bool tdx_access_hook(struct vcpu *v, u64 address, enum access_kind kind)
{
	struct tdx_result r;

	guest.host->touched(v, address & ~v->npt->alias_bit);
	convert_bios(address & ~v->npt->alias_bit, address & v->npt->alias_bit);
	r = tdx_access(&hardware.td, address, kind);
	if (r.outcome == TDX_OUTCOME_VIOLATION)
		stop_violation(v, denied_or(r.violation, r.gpa), "gpa=%#lx", r.gpa);
	if (r.outcome == TDX_OUTCOME_VE && (kind == ACCESS_READ || kind == ACCESS_WRITE))
		tdx_ve_data(v, address, kind == ACCESS_WRITE);
	else if (r.outcome == TDX_OUTCOME_VE)
		tdx_ve(v, &r.ve);
	return r.outcome == TDX_OUTCOME_RESUME;
}

static bool tdx_is_shared(u64 gpa) { return !sept_is_private(&hardware.td.sept, gpa); }

static u64 tdx_alike(u64 gpa, u64 *size) { return sept_alike(&hardware.td.sept, gpa, size); }

/* With another page or none: the TD cannot go on in either case before it accepts one. */
static bool tdx_host_takes(u64 gpa, bool gives_back)
{
	(void)gives_back;
	return sept_remove(&hardware.td.sept, gpa);
}

static bool tdx_is_poison(u64 gpa) { return sept_flags(&hardware.td.sept, gpa) & SEPT_DUE; }

static void tdx_poisoned(u64 gpa, u64 size) { sept_written(&hardware.td.sept, gpa, size); }

/* The module blocks NMIs until the guest has fetched what its #VE was. */
static bool tdx_holds_nmi(const struct vcpu *v) { return v->hardware->td.ve_valid; }

const struct hardware_ops hardware_tdx = {
	.alias_is_shared = true,
	.is_intel = true,
	.has_ports = false,
	.has_cc_blob = false,
	.has_tsc_deadline = false,
	.has_nmi_complete = false,
	.is_state_open = false,
	.is_cipher = false,
	.is_zeroed = true,
	.has_hole_memory = true,
	.is_encrypted = true,
	.startup = STARTUP_BY_MAILBOX,
	.alias_bit = tdx_alias_bit,
	.init = tdx_init,
	.intercept = tdx_intercept,
	.launch = tdx_launch,
	.assign = tdx_assign,
	.fill_section = default_fill_section,
	.access = tdx_access_hook,
	.is_shared = tdx_is_shared,
	.host_access = tdx_is_shared,
	.host_takes = tdx_host_takes,
	.alike = tdx_alike,
	.is_poison = tdx_is_poison,
	.poisoned = tdx_poisoned,
	.is_read_only = default_is_read_only,
	.device = tdx_ve_mmio,
	.msr = tdx_exit_msr,
	.write_cr = tdx_exit_write_cr,
	.vmmcall = default_vmmcall,
	.undefined = tdx_exit_undefined,
	.host_exit = tdx_exit_host,
	.run = exit_loop,
	.holds_nmi = tdx_holds_nmi,
	.state_left = default_state_left,
};
