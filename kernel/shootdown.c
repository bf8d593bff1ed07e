/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See shootdown.h. One request at a time: who asks holds the lock of the page tables.
 */
#include "kernel/shootdown.h"

#include "early/percpu.h"
#include "early/platform.h"
#include "kernel/apic.h"
#include "kernel/patience.h"
#include "kernel/traps.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/irq.h"
#include "lib/spinlock.h"
#include "mm/tables.h"
#include "paravirt/pv_ops.h"
#include "paravirt/pv_pages.h"

/* Set bits: processors that have to flush; those that an interrupt must tell. */
static struct {
	va_t address;
	u64 size;
	u32 waiting;
	u32 online, awake;
	u64 count;
} flushes = { .online = 1, .awake = 1 };

u64 shootdown_count(void) { return flushes.count; }

static bool is_asked(void)
{
	return __atomic_load_n(&flushes.waiting, __ATOMIC_ACQUIRE) & BIT(cpu_index());
}

/*
 * Interrupts are off from the look at the request to the answer: the interrupt would answer in
 * between, and what is flushed and answered here would be the next request, half written.
 */
static void serve_flush(void)
{
	u64 flags;

	if (!is_asked())
		return;
	flags = irq_save();
	if (is_asked()) {
		tables_flush(flushes.address, flushes.size);
		__atomic_and_fetch(&flushes.waiting, ~(u32)BIT(cpu_index()), __ATOMIC_RELEASE);
	}
	irq_restore(flags);
}

void shootdown_poll(void)
{
	serve_flush();
	cpu_relax();
}

/* The host runs something else instead of one that we wait for: it may have our time. */
static void yield_to_one_of(u32 waiting)
{
	if (!(platform.kvm_features & BIT(KVM_FEATURE_PV_SCHED_YIELD)))
		return;
	for (; waiting; waiting &= waiting - 1) {
		unsigned int cpu = (unsigned int)__builtin_ctz(waiting);

		if (!pv_cpu_is_preempted(cpu))
			continue;
		kvm_hypercall1(KVM_HC_SCHED_YIELD, percpus[cpu].apic_id);
		return;
	}
}

static void wait_for_flushes(void)
{
	struct patience patience = { 0 };
	u32 waiting;

	while ((waiting = __atomic_load_n(&flushes.waiting, __ATOMIC_ACQUIRE))) {
		yield_to_one_of(waiting);
		patience_look(&patience, (unsigned int)__builtin_ctz(waiting),
			      "does not flush its TLB");
	}
}

/*
 * KVM-CPUID, PV_TLB_FLUSH: who is not running is flushed before it runs again, and need not be
 * woken for it. That is the host's word, and no more than that keeps a plain guest's memory either.
 */
static u32 leave_to_host(u32 others)
{
	u32 left = others;

	if (!(platform.kvm_features & BIT(KVM_FEATURE_PV_TLB_FLUSH)) || cc_has(CC_PRIVATE_MEMORY))
		return others;
	for (; left; left &= left - 1) {
		unsigned int cpu = (unsigned int)__builtin_ctz(left);

		if (pv_cpu_flush_later(cpu))
			others &= ~(u32)BIT(cpu);
	}
	return others;
}

/* Under the lock of the page tables, so there is one at a time. */
static void shootdown(va_t address, u64 size)
{
	u32 others = flushes.online & ~(u32)BIT(cpu_index()), awake;

	if (!others)
		return;
	flushes.count++;
	others = leave_to_host(others);
	if (!others)
		return;
	flushes.address = address;
	flushes.size = size;
	__atomic_store_n(&flushes.waiting, others, __ATOMIC_SEQ_CST);
	awake = __atomic_load_n(&flushes.awake, __ATOMIC_SEQ_CST) & others;
	if (awake)
		apic_ipi_others(awake, VEC_SHOOTDOWN);
	wait_for_flushes();
}

static void take_shootdown(struct trap_frame *frame)
{
	(void)frame;
	serve_flush();
	apic_eoi();
}

void shootdown_init(void)
{
	irq_register(VEC_SHOOTDOWN, take_shootdown);
	spin_set_poll(shootdown_poll);
	tables_set_shootdown(shootdown);
}

void shootdown_add(unsigned int cpu) { flushes.online |= (u32)BIT(cpu); }

void shootdown_wake(void)
{
	__atomic_or_fetch(&flushes.awake, (u32)BIT(cpu_index()), __ATOMIC_SEQ_CST);
	serve_flush(); /* asked for before it was seen to be awake */
}
