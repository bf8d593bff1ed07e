/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What processors do: set up, parked, at work, idle. Whoever waits here serves TLB flushes:
 * shootdown_poll().
 */
#include "kernel/smp.h"

#include "abi/termination.h"
#include "early/ap_entry.h"
#include "early/fatal.h"
#include "early/percpu.h"
#include "early/trap.h"
#include "kernel/apic.h"
#include "kernel/patience.h"
#include "kernel/shootdown.h"
#include "kernel/smp_state.h"
#include "kernel/traps.h"
#include "lib/cpu.h"
#include "lib/irq.h"
#include "lib/panic.h"
#include "mm/accept.h"
#include "mm/tables.h"
#include "mm/visibility.h"
#include "paravirt/pv_ops.h"
#include "paravirt/pv_pages.h"

#define ASK_LOOKS (1 << 20) /* a tenth of a second, or less */

struct cpu_state smp_cpus[CPU_MAX] = { { .phase = CPU_RUNNING } };
unsigned int smp_cpu_count = 1;

static bool held;     /* text may change */
static bool released; /* ... and is final */
static bool working;  /* inside smp_run() */

u32 smp_boot_looks;
struct cpus_services smp_shared = {
	.share = set_memory_decrypted,
	.unshare = set_memory_encrypted,
	.map = tables_map_page,
	.run = smp_run,
};

const struct cpus_services *smp_services(void) { return &smp_shared; }

unsigned int smp_count(void) { return smp_cpu_count; }

enum cpu_phase smp_phase(unsigned int cpu)
{
	return __atomic_load_n(&smp_cpus[cpu].phase, __ATOMIC_ACQUIRE);
}

static void set_phase(unsigned int cpu, enum cpu_phase phase)
{
	__atomic_store_n(&smp_cpus[cpu].phase, phase, __ATOMIC_RELEASE);
}

bool smp_end_start(unsigned int cpu, enum cpu_phase phase)
{
	enum cpu_phase absent = CPU_ABSENT;

	return __atomic_compare_exchange_n(&smp_cpus[cpu].phase, &absent, phase, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static bool do_work(struct cpu_state *own)
{
	void (*function)(void *) = __atomic_load_n(&own->function, __ATOMIC_ACQUIRE);

	if (!function)
		return false;
	function(own->context);
	__atomic_store_n(&own->function, NULL, __ATOMIC_RELEASE);
	return true;
}

static bool has_work(unsigned int cpu)
{
	return __atomic_load_n(&smp_cpus[cpu].function, __ATOMIC_ACQUIRE);
}

/* The check for work and the sleep have no window between: interrupts are off until pv_halt(). */
static noreturn_t idle(struct cpu_state *own)
{
	for (;;) {
		irq_enable();
		if (do_work(own) || accept_some())
			continue;
		cli();
		if (!has_work(cpu_index()))
			pv_halt();
	}
}

/* Nothing that is executed here, nor what an exception runs here, is a site: see trap.h. */
static __cold void stand_still(void)
{
	trap_set_still(true);
	set_phase(cpu_index(), CPU_STILL);
	while (!__atomic_load_n(&released, __ATOMIC_ACQUIRE))
		shootdown_poll();
	write_cr2(read_cr2()); /* serialises (APM2 7.6.4): nothing older than the new text is run */
	trap_set_still(false);
}

/* The boot processor, if its host lied of its APIC's id, may have started itself anew: as this. */
static void park(struct cpu_state *own)
{
	struct patience patience = { 0 };
	u32 looks = READ_ONCE(smp_boot_looks);

	while (!__atomic_load_n(&held, __ATOMIC_ACQUIRE)) {
		shootdown_poll();
		patience_look(&patience, 0, "does not go on with the boot");
		if (!do_work(own) && READ_ONCE(smp_boot_looks) == looks)
			continue;
		looks = READ_ONCE(smp_boot_looks);
		patience = (struct patience){ 0 };
	}
	stand_still();
	shootdown_wake();
}

static int set_up(void)
{
	int error = pv_cpu_setup(); /* the way to the host: first of all */

	if (error)
		return error;
	traps_say_unexpected();
	apic_init_cpu();
	if (apic_id() == percpus[0].apic_id)
		fatal(TERM_CPU_SETUP, "processor %u has the boot processor's APIC id", cpu_index());
	if (apic_id() != percpus[cpu_index()].apic_id)
		return -E_AGAIN; /* one that was given up, in the place of the one that is due */
	pv_pages_register();
	return 0;
}

static enum cpu_phase phase_after(int error)
{
	if (error == -E_AGAIN)
		return CPU_GIVEN_UP;
	return error ? CPU_FAILED : CPU_PARKED;
}

/* As still as one that waits for the text: an NMI or a #VC of the host's finds it here. */
static __cold noreturn_t halt_for_ever(void)
{
	trap_set_still(true);
	for (;;) {
		cli();
		hlt();
	}
}

noreturn_t ap_main(unsigned int index)
{
	struct cpu_state *own = &smp_cpus[index];

	percpu_load(index);
	traps_init_cpu();
	fpu_init();
	own->error = set_up();
	if (own->error) /* before anybody hears of it, and may change text */
		trap_set_still(true);
	if (!smp_end_start(index, phase_after(own->error)) || own->error)
		halt_for_ever();
	park(own);
	set_phase(cpu_index(), CPU_RUNNING);
	idle(own);
}

static void wait_for_phase(enum cpu_phase phase)
{
	for (unsigned int cpu = 1; cpu < smp_cpu_count; cpu++) {
		struct patience patience = { 0 };

		while (smp_phase(cpu) != phase)
			patience_look(&patience, cpu, "does not go on with the boot");
	}
}

void smp_hold(void)
{
	__atomic_store_n(&held, true, __ATOMIC_RELEASE);
	wait_for_phase(CPU_STILL);
}

void smp_release(void)
{
	__atomic_store_n(&released, true, __ATOMIC_RELEASE);
	wait_for_phase(CPU_RUNNING);
}

/*
 * Work takes as long as it does: who is at it is asked now and then for a sign of life, and only
 * one that gives none is waited for as for anybody else. A parked one, interrupts off, has little.
 */
static void wait_for_work(unsigned int cpu)
{
	struct patience patience = { 0 };
	u32 wakes = READ_ONCE(smp_cpus[cpu].wakes);

	while (has_work(cpu)) {
		shootdown_poll();
		patience_look(&patience, cpu, "does not end its work");
		if (released && patience.looks % ASK_LOOKS == 0)
			apic_ipi(percpus[cpu].apic_id, VEC_WAKE);
		if (READ_ONCE(smp_cpus[cpu].wakes) == wakes)
			continue;
		wakes = READ_ONCE(smp_cpus[cpu].wakes);
		patience = (struct patience){ 0 };
	}
}

/*
 * Those at work that gave no sign of life since this processor asked last. All are asked, again: by
 * an interrupt, which one with interrupts off sees when it waits itself.
 */
static u32 ask_others(void)
{
	u32 own = (u32)BIT(cpu_index()), others = 0, silent = 0;

	if (smp_phase(cpu_index()) != CPU_RUNNING)
		return 0;
	for (unsigned int cpu = 0; cpu < smp_cpu_count; cpu++) {
		if (cpu == cpu_index() || smp_phase(cpu) != CPU_RUNNING)
			continue;
		others |= (u32)BIT(cpu);
		if (__atomic_fetch_or(&smp_cpus[cpu].asked, own, __ATOMIC_RELAXED) & own)
			silent |= (u32)BIT(cpu);
	}
	if (others)
		apic_ipi_others(others, VEC_WAKE);
	return silent;
}

/*
 * A lock may be held, and memory be accepted, for as long as it takes: each processor at work is
 * asked now and then for a sign of life, and only while one gives none this wait has an end.
 */
void smp_wait_for_others(struct spin_wait *wait, u64 stage)
{
	u32 before = wait->silent;

	shootdown_poll();
	fatal_give_way();
	if (stage != wait->stage)
		*wait = (struct spin_wait){ .stage = stage };
	if (++wait->looks % ASK_LOOKS == 0) {
		smp_show_life();
		wait->silent = ask_others();
		if (!(before & wait->silent))
			wait->patience = (struct patience){ 0 };
	}
	if (wait->silent)
		patience_look(&wait->patience, (unsigned int)__builtin_ctz(wait->silent),
			      "gives no sign of life");
}

void smp_run(void (*function)(void *context), void *context)
{
	CHECK(cpu_index() == 0 && !working && held == released);
	working = true;
	for (unsigned int cpu = 1; cpu < smp_cpu_count; cpu++) {
		smp_cpus[cpu].context = context;
		__atomic_store_n(&smp_cpus[cpu].function, function, __ATOMIC_RELEASE);
	}
	if (smp_cpu_count > 1 && released)
		apic_ipi_others((u32)bits_mask(smp_cpu_count) & ~(u32)BIT(0), VEC_WAKE);
	function(context);
	for (unsigned int cpu = 1; cpu < smp_cpu_count; cpu++)
		wait_for_work(cpu);
	working = false;
}

/* Who ends the run on another processor, or amid work of all, leaves things as they are. */
void smp_shut_down(void)
{
	if (cpu_index() == 0 && !working)
		pv_pages_shut_down(&smp_shared);
}
