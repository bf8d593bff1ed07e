/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local APIC. Spec: APM2 16 (xAPIC), 16.9 (x2APIC).
 */
#include "kernel/apic.h"

#include "abi/ghcb.h"
#include "abi/kvm_para.h"
#include "abi/tdx.h"
#include "abi/x86.h"
#include "early/fatal.h"
#include "early/memory_map.h"
#include "early/percpu.h"
#include "early/platform.h"
#include "kernel/traps.h"
#include "lib/cpu.h"
#include "lib/irq.h"
#include "mm/mm.h"
#include "paravirt/snp.h"
#include "paravirt/pv_ops.h"
#include "paravirt/pv_pages.h"

#define APIC_ICR_INIT          0x500
#define APIC_ICR_STARTUP       0x600
#define APIC_ICR_BUSY          0x1000
#define APIC_ICR_OTHERS        0xc0000
#define APIC_TIMER_DIVIDE_BY_1 0xb
#define APIC_ICR_SELF          0x40000
#define APIC_ICR_ASSERT        0x4000
#define PIC_MASK_ALL           0xff
/* Destinations that are no processor's id: all of them */
#define ID_ALL_XAPIC  0xffu
#define ID_ALL_X2APIC 0xffffffffu
/* Linux allows 100 ms, safe_apic_wait_icr_idle(); here each is an exit, where state is hidden */
#define BUSY_POLLS_MAX 100000

/* Registers are MSRs: as whoever launched us left it. A TD has nothing else. */
static bool x2apic;
static bool is_ready;

static bool is_x2apic(void)
{
	u64 base;

	if (!(pv_cpuid(CPUID_FEATURES, 0).ecx & CPUID_FEATURES_ECX_X2APIC))
		return false;
	return !pv_msr_read(MSR_APIC_BASE, &base) && base & APIC_BASE_EXTD;
}

static noreturn_t refused(u32 reg) { fatal(TERM_RESPONSE, "the APIC has no register %#x", reg); }

static void apic_write(u32 reg, u32 value)
{
	if (!x2apic)
		pv_mmio_write(pa(APIC_BASE_DEFAULT + reg), sizeof(value), value);
	else if (pv_msr_write(X2APIC_MSR(reg), value))
		refused(reg);
}

static u32 apic_read(u32 reg)
{
	u64 value = 0;

	if (!x2apic)
		return (u32)pv_mmio_read(pa(APIC_BASE_DEFAULT + reg), sizeof(u32));
	if (pv_msr_read(X2APIC_MSR(reg), &value))
		refused(reg);
	return (u32)value;
}

/* As whoever started the boot processor left it there, so here. */
static void match_mode(void)
{
	u64 base;

	if (!x2apic)
		return;
	if (pv_msr_read(MSR_APIC_BASE, &base) ||
	    (!(base & APIC_BASE_EXTD) && pv_msr_write(MSR_APIC_BASE, base | APIC_BASE_EXTD)))
		fatal(TERM_RESPONSE, "the APIC has no x2APIC mode");
}

static void mask_pics(void)
{
	pv_io_out(PORT_PIC1_DATA, 1, PIC_MASK_ALL);
	pv_io_out(PORT_PIC2_DATA, 1, PIC_MASK_ALL);
}

static void async_pf(struct trap_frame *frame)
{
	(void)frame;
	pv_async_pf_interrupt();
	apic_eoi();
}

void apic_init_cpu(void)
{
	match_mode();
	apic_write(APIC_TPR, 0);
	apic_write(APIC_SVR, APIC_SVR_ENABLE | VEC_SPURIOUS);
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
	apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
	pv_async_pf_catch_up();
}

void apic_init(void)
{
	irq_register(PV_ASYNC_PF_VECTOR, async_pf);
	x2apic = is_x2apic();
	if (!x2apic && !mmio_map(pa(APIC_BASE_DEFAULT), PAGE_SIZE))
		exit_cannot_run("boot: where the APIC is, at %#x, the memory map has: %s",
				APIC_BASE_DEFAULT, memory_map_what(APIC_BASE_DEFAULT, PAGE_SIZE));
	mask_pics();
	apic_init_cpu();
	is_ready = true;
	irq_enable();
}

u32 apic_id(void) { return x2apic ? apic_read(APIC_ID) : apic_read(APIC_ID) >> 24; }

/* APM3 E.3.8 (leaf 0xb: the extended id), E.3.2 (leaf 1: 8 bits of it) */
static u32 id_by_cpuid(void)
{
	if (pv_cpuid(CPUID_VENDOR, 0).eax >= CPUID_TOPOLOGY && pv_cpuid(CPUID_TOPOLOGY, 0).ebx)
		return pv_cpuid(CPUID_TOPOLOGY, 0).edx;
	return pv_cpuid(CPUID_FEATURES, 0).ebx >> 24;
}

u32 apic_id_held(void)
{
	u32 id = apic_id(), expected = x2apic ? id_by_cpuid() : id_by_cpuid() & 0xff;

	if (id != expected)
		fatal(TERM_RESPONSE, "this processor is %#x to its APIC, %#x to CPUID", id,
		      expected);
	return id;
}

/* The host has ended it by itself. */
static bool needs_no_eoi(void) { return pv_eoi_consume() || doorbell_eoi_consume(); }

void apic_end_unexpected(unsigned int vector)
{
	if (is_ready && !needs_no_eoi() &&
	    apic_read(APIC_ISR + vector / 32 * 0x10) & BIT(vector % 32))
		apic_write(APIC_EOI, 0);
}

void apic_eoi(void)
{
	if (!needs_no_eoi())
		apic_write(APIC_EOI, 0);
}

void apic_timer_start(unsigned int vector, u32 ticks, bool periodic)
{
	apic_write(APIC_TIMER_DIVIDE, APIC_TIMER_DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, vector | (periodic ? APIC_LVT_PERIODIC : 0));
	apic_write(APIC_TIMER_INITIAL, ticks);
}

void apic_timer_stop(void)
{
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
	apic_write(APIC_TIMER_INITIAL, 0);
}

/* An xAPIC is busy until the last one is on its way; an x2APIC never is. */
static void wait_until_idle(void)
{
	for (int i = 0; !x2apic && apic_read(APIC_ICR_LOW) & APIC_ICR_BUSY; i++) {
		if (i == BUSY_POLLS_MAX)
			fatal(TERM_RESPONSE, "the APIC never sends what it was given");
		cpu_relax();
	}
}

/*
 * On Intel's processors a WRMSR of the x2APIC's does not wait for stores before it (SDM3 11.12.3):
 * who is interrupted must find what was written for it.
 */
static void complete_stores(void)
{
	if (!x2apic)
		return;
	mfence();
	lfence();
}

static void send(u32 id, u32 command)
{
	u64 flags = irq_save();

	complete_stores();
	if (x2apic) {
		if (pv_msr_write(X2APIC_MSR(APIC_ICR_LOW), (u64)id << 32 | command))
			refused(APIC_ICR_LOW);
	} else {
		wait_until_idle();
		apic_write(APIC_ICR_HIGH, id << 24);
		apic_write(APIC_ICR_LOW, command);
	}
	irq_restore(flags);
}

/*
 * KVM's SEND_IPI: an exit, where the APIC's registers are memory and take two or three. False, and
 * nobody was told. Who is told so wrongly waits as for an APIC that does nothing.
 */
static bool send_by_host(u64 mask, u32 lowest, u32 command)
{
	static bool is_refused;

	if (x2apic || is_refused || !(platform.kvm_features & BIT(KVM_FEATURE_PV_SEND_IPI)))
		return false;
	is_refused = kvm_hypercall4(KVM_HC_SEND_IPI, mask, 0, lowest, command) < 0;
	return !is_refused;
}

static u32 lowest_id(u32 cpus)
{
	u32 lowest = ID_ALL_XAPIC;

	for (; cpus; cpus &= cpus - 1) {
		u32 id = percpus[__builtin_ctz(cpus)].apic_id;

		lowest = id < lowest ? id : lowest;
	}
	return lowest;
}

/* All of them in one bitmap, counted from the lowest. */
static bool send_by_host_to(u32 cpus, u32 command)
{
	u32 lowest = lowest_id(cpus);
	u64 mask = 0;

	for (; cpus; cpus &= cpus - 1) {
		u32 bit = percpus[__builtin_ctz(cpus)].apic_id - lowest;

		if (bit >= 64)
			return false;
		mask |= BIT(bit);
	}
	return send_by_host(mask, lowest, command);
}

bool apic_reaches(u32 id) { return id < (x2apic ? ID_ALL_X2APIC : ID_ALL_XAPIC); }

void apic_ipi(u32 id, unsigned int vector)
{
	if (!send_by_host(1, id, vector))
		send(id, APIC_ICR_ASSERT | vector);
}

/* The shorthands need no destination. */
static void send_short(u32 command)
{
	u64 flags = irq_save();

	complete_stores();
	wait_until_idle();
	apic_write(APIC_ICR_LOW, APIC_ICR_ASSERT | command);
	irq_restore(flags);
}

void apic_ipi_others(u32 cpus, unsigned int vector)
{
	if (!send_by_host_to(cpus, vector))
		send_short(APIC_ICR_OTHERS | vector);
}

void apic_init_ipi(u32 id) { send(id, APIC_ICR_ASSERT | APIC_ICR_INIT); }

void apic_startup_ipi(u32 id, pa_t page)
{
	send(id, APIC_ICR_ASSERT | APIC_ICR_STARTUP | (u32)(page.value >> PAGE_SHIFT));
}

void apic_self_ipi(unsigned int vector) { send_short(APIC_ICR_SELF | vector); }
