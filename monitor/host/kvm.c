/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See kvm.h.
 */
#include "monitor/host/kvm.h"

#include "lib/cpu.h"
#include "lib/log.h"
#include "monitor/machine/end.h"
#include "monitor/machine/lapic.h"
#include "monitor/machine/options.h"
#include "monitor/machine/rtc.h"
#include "monitor/host/async_pf.h"
#include "monitor/host/map_gpa.h"
#include "monitor/host/state.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/lie.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/smp.h"
#include "monitor/svm/xapic.h"

/* The host runs nobody else: time stolen is the monitor's own, not measured, or a test's. */
#define STEAL_PERIOD_MS    100
#define WITHHOLD_PERIOD_MS 200

#define CLOCK_BACK_AFTER_MS 300

static u64 *kvm_field(struct kvm_state *k, u32 msr)
{
	switch (msr) {
	case MSR_KVM_WALL_CLOCK_NEW: return &k->wall_clock;
	case MSR_KVM_SYSTEM_TIME_NEW: return &k->system_time;
	case MSR_KVM_ASYNC_PF_EN: return &k->async_pf;
	case MSR_KVM_ASYNC_PF_INT: return &k->async_pf_int;
	case MSR_KVM_STEAL_TIME: return &k->steal_time;
	case MSR_KVM_PV_EOI_EN: return &k->pv_eoi;
	case MSR_KVM_MIGRATION_CONTROL: return &k->migration_control;
	default: return NULL;
	}
}

/* Whether each processor's TSC says the same, so that one's clock is good for all. */
static bool tsc_is_common(void)
{
	for (unsigned int i = 1; i < guest.cpu_count; i++)
		if (guest.cpus[i].tsc_moved != guest.cpus[0].tsc_moved)
			return false;
	return true;
}

static struct kvm_clock clock_now(const struct vcpu *v)
{
	struct kvm_clock clock = { .tsc = vcpu_tsc(v) };

	if (tsc_is_common())
		clock.flags = PVCLOCK_TSC_STABLE_BIT;
	kvm_clock_scale(guest.tsc_khz, &clock.mul, &clock.shift);
	clock.ns = kvm_clock_ns(clock.tsc - v->tsc_moved, clock.mul, clock.shift);
	return clock;
}

static int write_system_time(struct vcpu *v)
{
	struct kvm_clock clock = clock_now(v);

	if (!(v->host->kvm.system_time & KVM_MSR_ENABLED))
		return 0;
	return kvm_clock_write(page_host_write, NULL, v->host->kvm.system_time & ~U64_C(1),
			       &v->host->kvm.clock_version, &clock);
}

static int write_wall_clock(struct vcpu *v)
{
	struct kvm_clock clock = clock_now(v);
	u64 now = rtc_seconds();

	return kvm_wall_clock_write(page_host_write, NULL, v->host->kvm.wall_clock,
				    &v->host->kvm.wall_version, (u32)(now - clock.ns / 1000000000),
				    0);
}

static int write_steal(struct vcpu *v, bool preempted)
{
	v->host->kvm.steal_written = rdtsc();
	return kvm_steal_write(page_host_write, NULL, v->host->kvm.steal_time & ~U64_C(0x3f),
			       &v->host->kvm.steal_version, v->host->kvm.steal_ns, preempted);
}

/* For a test: others run meanwhile, and are told. */
static void withhold(struct vcpu *v)
{
	u64 ms = (u64)guest.inject[INJECT_WITHHOLD];

	if (write_steal(v, true))
		return;
	smp_pause(v, guest.tsc_khz * ms);
	v->host->kvm.steal_ns += ms * 1000000;
	v->host->kvm.withheld = rdtsc();
	if (write_steal(v, false))
		return; /* not shared any more */
}

static void steal_update(struct vcpu *v)
{
	if (guest.inject[INJECT_WITHHOLD] > 0 && v->host->kvm.steal_time & KVM_MSR_ENABLED &&
	    rdtsc() - v->host->kvm.withheld >= guest.tsc_khz * WITHHOLD_PERIOD_MS)
		withhold(v);
	if (!(v->host->kvm.steal_time & KVM_MSR_ENABLED) ||
	    rdtsc() - v->host->kvm.steal_written < guest.tsc_khz * STEAL_PERIOD_MS)
		return;
	if (write_steal(v, false))
		return; /* not shared any more: nothing arrives */
}

/*
 * For a test: a clock that the host vouches for, and that goes back all the same. With each exit
 * again: between two reads of a guest that has to wait for its turn one step may go by unseen.
 */
static void lie_about_time(struct vcpu *v)
{
	struct kvm_clock clock = clock_now(v);

	if (rdtsc() < v->host->kvm.clock_due)
		return;
	v->host->kvm.clock_back += (u64)guest.inject[INJECT_CLOCK_BACK] * 1000000;
	clock.ns -= v->host->kvm.clock_back < clock.ns ? v->host->kvm.clock_back : clock.ns;
	if (kvm_clock_write(page_host_write, NULL, v->host->kvm.system_time & ~U64_C(1),
			    &v->host->kvm.clock_version, &clock))
		return; /* not shared any more */
}

/* What time alone brings about. */
static bool is_due(const struct vcpu *v)
{
	const struct kvm_state *k = &v->host->kvm;

	return k->clock_due || k->async_pf_token || v->host->quote.is_pending ||
	       (guest.inject[INJECT_WITHHOLD] > 0 && k->steal_time);
}

void kvm_update(struct vcpu *v)
{
	if (v->host->kvm.clock_due)
		lie_about_time(v);
	if (v->host->kvm.async_pf_token)
		async_pf_update(v);
	if (v->host->kvm.steal_time)
		steal_update(v);
	v->host_is_due = is_due(v);
}

bool kvm_is_told(const struct vcpu *v)
{
	return v->host->kvm.migration_control & KVM_MIGRATION_READY;
}

void kvm_tsc_moved(void)
{
	for (unsigned int i = 0; i < guest.cpu_count; i++)
		if (write_system_time(&guest.cpus[i]))
			continue; /* not shared any more */
}

int kvm_msr_read(struct vcpu *v, u32 msr, u64 *value)
{
	const u64 *field = kvm_field(&v->host->kvm, msr);

	*value = field ? *field : 0;
	return 0;
}

/* A page of the processor's own. */
static bool registers_page(u32 msr, u64 value)
{
	return value & KVM_MSR_ENABLED &&
	       (msr == MSR_KVM_SYSTEM_TIME_NEW || msr == MSR_KVM_STEAL_TIME ||
		msr == MSR_KVM_PV_EOI_EN || msr == MSR_KVM_ASYNC_PF_EN);
}

/* KVM looks these two up at once, the others when it writes. */
static bool lacks_memory(u32 msr, u64 value)
{
	return (msr == MSR_KVM_ASYNC_PF_EN || msr == MSR_KVM_PV_EOI_EN) &&
	       value & KVM_MSR_ENABLED && page_class(value & ~U64_C(3)) != PAGE_RAM;
}

int kvm_msr_write(struct vcpu *v, u32 msr, u64 value)
{
	u64 *field = kvm_field(&v->host->kvm, msr);
	int error = 0;

	if (!kvm_msr_valid(msr, value, hardware.cpuid.kvm_features) ||
	    (registers_page(msr, value) && lie_refuses_page(v, msr)) ||
	    (!value && guest.inject[INJECT_PV_KEEP] == (int)(msr - MSR_KVM_WALL_CLOCK_NEW)) ||
	    lacks_memory(msr, value))
		return -E_INVAL;
	if (field)
		*field = value;
	switch (msr) {
	case MSR_KVM_SYSTEM_TIME_NEW:
		error = write_system_time(v);
		if (guest.inject[INJECT_CLOCK_BACK] > 0)
			v->host->kvm.clock_due = rdtsc() + guest.tsc_khz * CLOCK_BACK_AFTER_MS;
		break;
	case MSR_KVM_WALL_CLOCK_NEW: error = write_wall_clock(v); break;
	case MSR_KVM_ASYNC_PF_EN: error = async_pf_enable(v); break;
	case MSR_KVM_ASYNC_PF_ACK: v->host->kvm.async_pf_unacked = false; break;
	case MSR_KVM_STEAL_TIME:
		if (value & KVM_MSR_ENABLED)
			error = write_steal(v, false);
		break;
	default: break;
	}
	v->host_is_due = is_due(v);
	if (error)
		log_info("the page of MSR %#x at %#lx is not shared: nothing arrives", msr, value);
	return 0;
}

/* Not for level-triggered ones, whose EOI reaches the IOAPIC. */
static void pv_eoi(struct vcpu *v, unsigned int vector)
{
	bool level = lapic_read(APIC_TMR + vector / 32 * 0x10) >> vector % 32 & 1;
	u32 *flags;

	/* Neither the PIC's interrupts nor spurious ones are in service. */
	if (!(v->host->kvm.pv_eoi & KVM_MSR_ENABLED) ||
	    !(lapic_read(APIC_ISR + vector / 32 * 0x10) >> vector % 32 & 1))
		return;
	flags = page_of_host(v->host->kvm.pv_eoi & ~U64_C(3), sizeof(*flags));
	if (!flags)
		return; /* not shared: the guest writes the EOI register */
	/* One bit for whatever is in service: beside a level-triggered one all EOIs are real. */
	if (!level)
		lapic_write(APIC_EOI, 0);
	WRITE_ONCE(*flags, level ? 0 : BIT(KVM_PV_EOI_BIT));
}

void kvm_interrupt(struct vcpu *v, unsigned int vector)
{
	pv_eoi(v, vector);
	/* Now and then, as KVM does: a page may have been shared after it was registered. */
	v->host_is_due |= v->host->kvm.steal_time != 0;
}

/* Fixed delivery or NMI, physical destination, edge: APM2 16.5. */
static void send_ipi(struct vcpu *v, struct kvm_hypercall_result *r)
{
	u32 icr_low = APIC_ICR_ASSERT;
	u32 apic_id;

	icr_low |= r->ipi_nmi ? APIC_ICR_MODE(APIC_MODE_NMI) : r->ipi_vector;
	while (kvm_ipi_next(r, &apic_id)) {
		if (!smp_has(apic_id))
			continue;
		xapic_command(v, icr_low, apic_id);
		r->ret++;
	}
	lapic_write(APIC_ICR_HIGH, v->apic_icr_high);
}

u64 kvm_hypercall(struct vcpu *v, const struct kvm_hypercall *call)
{
	struct kvm_hypercall_result r = kvm_hypercall_decode(call, hardware.cpuid.kvm_features);
	struct kvm_clock clock;

	switch (r.action) {
	case KVM_ACTION_CLOCK:
		clock = clock_now(v);
		r.ret = kvm_clock_pairing_write(page_host_write, NULL, r.gpa, (s64)rtc_seconds(), 0,
						clock.tsc);
		break;
	case KVM_ACTION_SEND_IPI: send_ipi(v, &r); break;
	case KVM_ACTION_MAP_GPA: r.ret = map_gpa(v, r.gpa, r.page_count, r.encrypted); break;
	/* Each has a processor of the machine: whoever could be yielded to is running. */
	case KVM_ACTION_YIELD:
	case KVM_ACTION_POLL_IRQ:
	case KVM_ACTION_NONE: break;
	}
	TRACE(v->id, VMMCALL, "nr=%#lx a0=%#lx a1=%#lx a2=%#lx a3=%#lx result=%#lx rip=%#lx",
	      call->nr, call->args[0], call->args[1], call->args[2], call->args[3], (u64)r.ret,
	      v->vmcb->save.rip);
	return (u64)r.ret;
}
