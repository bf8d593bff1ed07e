/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting processors, one after the other. Whoever waits here serves TLB flushes:
 * shootdown_poll().
 */
#include "abi/ghcb.h"
#include "early/ap_entry.h"
#include "early/boot_cpus.h"
#include "early/fatal.h"
#include "early/memory_map.h"
#include "early/percpu.h"
#include "early/platform.h"
#include "kernel/apic.h"
#include "kernel/shootdown.h"
#include "kernel/smp.h"
#include "kernel/smp_state.h"
#include "kernel/traps.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/deadline.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mm/phys.h"
#include "mm/tables.h"
#include "paravirt/pv_ops.h"
#include "paravirt/pv_pages.h"

#define STACKS_ORDER 7 /* 512 KiB for STACK_COUNT of them */
#define INIT_POLLS   10000
/* In ticks of the TSC: some tenths of a second, some seconds */
#define SIPI_TICKS  U64_C(500000000)
#define START_TICKS U64_C(10000000000)
#define LOW_FIRST   U64_C(0x1000) /* the first page has the BIOS's vectors and data */
#define LOW_END     U64_C(0xa0000)

_Static_assert(STACK_COUNT * sizeof(struct stack) <= PAGE_SIZE << STACKS_ORDER, "stacks");

/* Being awake is all that is asked. */
static void take_wake(struct trap_frame *frame)
{
	struct cpu_state *own = &smp_cpus[cpu_index()];

	(void)frame;
	WRITE_ONCE(own->wakes, own->wakes + 1);
	smp_show_life();
	apic_eoi();
}

static int make_stacks(unsigned int cpu)
{
	struct stack *stacks_of_cpu;
	pa_t block;
	int error = phys_alloc(STACKS_ORDER, &block);

	stacks_of_cpu = pa_ptr(block);
	for (unsigned int i = 0; !error && i < STACK_COUNT; i++)
		error = tables_unmap_page(va_of(stacks_of_cpu[i].guard));
	if (!error)
		percpus[cpu].stacks = stacks_of_cpu;
	return error;
}

/* RAM that nobody has and that real mode reaches, or 0. */
static pa_t find_low_page(void)
{
	struct memory_piece piece;

	for (u64 from = LOW_FIRST; memory_map_next_free(from, &piece); from = piece.end) {
		u64 end = piece.end < LOW_END ? piece.end : LOW_END;

		if (piece.start < end)
			return pa(end - PAGE_SIZE);
	}
	return pa(0);
}

/* Where pages have states a processor starts otherwise, and nobody has accepted low memory. */
static int make_trampoline(pa_t *page)
{
	int error;

	*page = cc_has(CC_PAGE_STATES) ? pa(0) : find_low_page();
	if (!page->value)
		return cc_has(CC_PAGE_STATES) ? 0 : -E_NOMEM;
	error = memory_map_claim(page->value, PAGE_SIZE, MEMORY_IN_RAM, "processors' start");
	if (!error)
		error = tables_map_page(*page, true);
	if (error)
		return error;
	memcpy(pa_ptr(*page), ap_trampoline, (size_t)(ap_trampoline_end - ap_trampoline));
	return tables_map_page(*page, false);
}

static bool answers(unsigned int cpu, u64 ticks)
{
	struct deadline deadline = deadline_in(ticks);

	while (smp_phase(cpu) == CPU_ABSENT && !deadline_is_over(&deadline)) {
		shootdown_poll();
		smp_boot_look();
	}
	return smp_phase(cpu) != CPU_ABSENT;
}

/* The second SIPI is for a processor that missed the first: APM2 16.5, MP 1.4 B.4 */
static void send_sipi(unsigned int cpu, pa_t trampoline)
{
	apic_init_ipi(percpus[cpu].apic_id);
	for (int i = 0; i < INIT_POLLS; i++)
		cpu_relax();
	apic_startup_ipi(percpus[cpu].apic_id, trampoline);
	if (!answers(cpu, SIPI_TICKS) && READ_ONCE(ap_start.stack))
		apic_startup_ipi(percpus[cpu].apic_id, trampoline);
}

/* The stack is also the ticket, and the number lies on it: none gets in by that of another. */
static void give_ticket(unsigned int cpu)
{
	u64 *stack = (u64 *)(uintptr_t)stack_top(cpu, STACK_BOOT) - 1;

	*stack = cpu;
	ap_start.cr3 = read_cr3();
	ap_start.cr4 = read_cr4();
	__atomic_store_n(&ap_start.stack, (u64)(uintptr_t)stack, __ATOMIC_RELEASE);
}

/* Whether nobody has used it, nor ever will. */
static bool take_ticket_back(void)
{
	return __atomic_exchange_n(&ap_start.stack, 0, __ATOMIC_ACQ_REL);
}

/* Until the processor is set up. -E_AGAIN: it never came. */
static int wait_for(unsigned int cpu)
{
	if (!answers(cpu, START_TICKS) && take_ticket_back())
		return -E_AGAIN;
	if (!answers(cpu, START_TICKS) && smp_end_start(cpu, CPU_GIVEN_UP)) {
		smp_cpus[cpu].is_adrift = true;
		return -E_BUSY;
	}
	return smp_cpus[cpu].error;
}

static int wake(unsigned int cpu, pa_t trampoline)
{
	int error = pv_cpu_wake(cpu);

	if (error != -E_NOSYS)
		return error && take_ticket_back() ? error : wait_for(cpu);
	send_sipi(cpu, trampoline);
	error = wait_for(cpu);
	if (error == -E_AGAIN)
		apic_init_ipi(percpus[cpu].apic_id); /* it waits for a SIPI, and none comes */
	return error;
}

static const char *reason(int error)
{
	switch (-error) {
	case E_AGAIN: return "it did not come";
	case E_BUSY: return "it hangs in its set-up";
	case E_PERM: return "its set-up was refused";
	case E_IO: return "the host refuses to create it";
	case E_NOENT: return "the host offers no way";
	case E_NOMEM: return "no memory is left";
	default: return "what the host says of it cannot be";
	}
}

/* With stacks that nobody took, if there was one before who never came. */
static int start(unsigned int cpu, u32 apic_id, pa_t trampoline)
{
	int error = percpus[cpu].stacks ? 0 : make_stacks(cpu);

	if (error)
		return error;
	percpus[cpu].index = cpu;
	percpus[cpu].apic_id = apic_id;
	give_ticket(cpu);
	error = wake(cpu, trampoline);
	if (error)
		log_error("processor %u, APIC id %u, does not start: %s", cpu, apic_id,
			  reason(error));
	return error;
}

/* The APIC ids of all but this processor, for those that an interrupt can name. */
static unsigned int list_others(u32 ids[CPU_MAX])
{
	u32 own = percpus[0].apic_id = apic_id_held();
	unsigned int count = 0;
	bool is_listed = !boot_cpus.count;

	for (u32 i = 0; i < boot_cpus.count; i++) {
		u32 id = boot_cpus.apic_ids[i];

		is_listed |= id == own;
		if (id == own)
			continue;
		if (count < CPU_MAX - 1 && apic_reaches(id))
			ids[count++] = id;
		else
			log_error("processor with APIC id %#x: no interrupt can name it", id);
	}
	if (is_listed)
		return count;
	/* One of the others may be this one, which must not be started once more. */
	log_error("processors: this one, APIC id %#x, is not among those that are listed", own);
	return 0;
}

static int prepare(unsigned int others)
{
	int error = make_trampoline(&smp_shared.trampoline);

	if (!error)
		error = pv_cpus_prepare(1, others, &smp_shared);
	return error ? error : pv_pages_share_others(1, others, &smp_shared);
}

/* The pages of processors that do not come. */
static void release(unsigned int first, unsigned int end)
{
	pv_pages_unshare_from(first, &smp_shared);
	if (first < end && pv_cpus_release(first, end - first, &smp_shared))
		fatal(TERM_PSC, "pages of processors that do not run stay shared");
}

static struct cpus_outcome start_others(const u32 *ids, unsigned int others)
{
	struct cpus_outcome outcome = { 0 };
	int error = prepare(others);
	bool in_use; /* pages of one that came, and takes no part */

	if (error) {
		log_error("processors: %u more, which cannot be started: %s", others,
			  reason(error));
		release(1, others + 1);
		return outcome;
	}
	/* Who never came has left its number unused. Who came, and failed, has not. */
	for (unsigned int i = 0; i < others && smp_cpus[smp_cpu_count].phase == CPU_ABSENT; i++) {
		if (start(smp_cpu_count, ids[i], smp_shared.trampoline))
			continue;
		shootdown_add(smp_cpu_count);
		smp_cpu_count++;
	}
	in_use = smp_cpu_count <= others && smp_cpus[smp_cpu_count].phase != CPU_ABSENT;
	if (in_use && smp_cpus[smp_cpu_count].phase == CPU_FAILED)
		outcome.failed = smp_cpu_count;
	else if (in_use && smp_cpus[smp_cpu_count].is_adrift)
		outcome.adrift = smp_cpu_count;
	release(smp_cpu_count + in_use, others + 1);
	return outcome;
}

struct cpus_outcome smp_start(void)
{
	struct cpus_outcome outcome;
	u32 ids[CPU_MAX];
	unsigned int others = list_others(ids);

	if (boot_cpus_error())
		log_error("%s", boot_cpus_error());
	if (boot_cpus.left_out)
		log_error("processors: %u more than the %d that this guest takes",
			  boot_cpus.left_out, CPU_MAX);
	if (!others)
		return (struct cpus_outcome){ 0 };
	irq_register(VEC_WAKE, take_wake);
	shootdown_init();
	spin_set_wait(smp_wait_for_others);
	outcome = start_others(ids, others);
	log_info("processors: %u of %u run", smp_cpu_count, others + 1);
	return outcome;
}
