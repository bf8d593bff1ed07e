/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting processors, and work for them. Whoever waits here serves TLB flushes: shootdown_poll().
 */
#include "kernel/smp.h"

#include "abi/ghcb.h"
#include "early/ap_entry.h"
#include "early/boot_cpus.h"
#include "early/fatal.h"
#include "early/memory_map.h"
#include "early/percpu.h"
#include "early/platform.h"
#include "kernel/apic.h"
#include "kernel/shootdown.h"
#include "kernel/traps.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/accept.h"
#include "mm/phys.h"
#include "mm/tables.h"
#include "mm/visibility.h"
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

enum cpu_phase {
	CPU_ABSENT,
	CPU_GIVEN_UP, /* on its way for too long; or not who was called */
	CPU_FAILED,   /* its set-up did */
	CPU_PARKED,
	CPU_RUNNING,
};

static struct cpu_state {
	enum cpu_phase phase;
	int error;
	void (*function)(void *context); /* work; NULL: none */
	void *context;
} cpus[CPU_MAX] = { { .phase = CPU_RUNNING } };

static unsigned int cpu_count = 1;
static bool released;
static bool working; /* inside smp_run() */

static struct cpus_services services = {
	.share = set_memory_decrypted,
	.unshare = set_memory_encrypted,
	.map = tables_map_page,
	.run = smp_run,
};

const struct cpus_services *smp_services(void) { return &services; }

unsigned int smp_count(void) { return cpu_count; }

/* Being awake is all that is asked. */
static void take_wake(struct trap_frame *frame)
{
	(void)frame;
	apic_eoi();
}

static enum cpu_phase phase_of(unsigned int cpu)
{
	return __atomic_load_n(&cpus[cpu].phase, __ATOMIC_ACQUIRE);
}

static void set_phase(unsigned int cpu, enum cpu_phase phase)
{
	__atomic_store_n(&cpus[cpu].phase, phase, __ATOMIC_RELEASE);
}

/* How its start ended. Who comes first says it: the processor itself, or who waits for it. */
static bool end_start(unsigned int cpu, enum cpu_phase phase)
{
	enum cpu_phase absent = CPU_ABSENT;

	return __atomic_compare_exchange_n(&cpus[cpu].phase, &absent, phase, false,
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

/* The check for work and the sleep have no window between: interrupts are off until pv_halt(). */
static noreturn_t idle(struct cpu_state *own)
{
	for (;;) {
		sti();
		if (do_work(own) || accept_some())
			continue;
		cli();
		if (!__atomic_load_n(&own->function, __ATOMIC_ACQUIRE))
			pv_halt();
	}
}

/* No hook is called here, whose site may be changing. */
static void park(struct cpu_state *own)
{
	while (!__atomic_load_n(&released, __ATOMIC_ACQUIRE)) {
		do_work(own);
		shootdown_poll();
	}
	write_cr2(read_cr2()); /* serialises (APM2 7.6.4): nothing older than the new text is run */
	shootdown_wake();
}

static int set_up(void)
{
	int error = pv_cpu_setup(); /* the way to the host: first of all */

	if (error)
		return error;
	apic_init_cpu();
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

static noreturn_t halt_for_ever(void)
{
	for (;;) {
		cli();
		hlt();
	}
}

noreturn_t ap_main(unsigned int index)
{
	struct cpu_state *own = &cpus[index];

	percpu_load(index);
	traps_init_cpu();
	fpu_init();
	own->error = set_up();
	if (!end_start(index, phase_after(own->error)) || own->error)
		halt_for_ever();
	park(own);
	set_phase(cpu_index(), CPU_RUNNING);
	idle(own);
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
	u64 begin = rdtsc();

	while (phase_of(cpu) == CPU_ABSENT && rdtsc() - begin < ticks)
		shootdown_poll();
	return phase_of(cpu) != CPU_ABSENT;
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
	if (!answers(cpu, START_TICKS) && end_start(cpu, CPU_GIVEN_UP))
		return -E_BUSY;
	return cpus[cpu].error;
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
	int error = make_trampoline(&services.trampoline);

	if (!error)
		error = pv_cpus_prepare(1, others, &services);
	return error ? error : pv_pages_share_others(1, others, &services);
}

/* The pages of processors that do not come. */
static void release(unsigned int first, unsigned int end)
{
	pv_pages_unshare_from(first, &services);
	if (first < end && pv_cpus_release(first, end - first, &services))
		fatal(TERM_PSC, "pages of processors that do not run stay shared");
}

static void start_others(const u32 *ids, unsigned int others)
{
	int error = prepare(others);
	bool in_use; /* pages of one that came, and takes no part */

	if (error) {
		log_error("processors: %u more, which cannot be started: %s", others,
			  reason(error));
		release(1, others + 1);
		return;
	}
	/* Who never came has left its number unused. Who came, and failed, has not. */
	for (unsigned int i = 0; i < others && cpus[cpu_count].phase == CPU_ABSENT; i++) {
		if (start(cpu_count, ids[i], services.trampoline))
			continue;
		shootdown_add(cpu_count);
		cpu_count++;
	}
	in_use = cpu_count <= others && cpus[cpu_count].phase != CPU_ABSENT;
	if (in_use && cpus[cpu_count].phase == CPU_FAILED)
		services.failed = cpu_count;
	release(cpu_count + in_use, others + 1);
}

void smp_start(void)
{
	u32 ids[CPU_MAX];
	unsigned int others = list_others(ids);

	if (boot_cpus_error())
		log_error("%s", boot_cpus_error());
	if (boot_cpus.left_out)
		log_error("processors: %u more than the %d that this guest takes",
			  boot_cpus.left_out, CPU_MAX);
	if (!others)
		return;
	irq_register(VEC_WAKE, take_wake);
	shootdown_init();
	start_others(ids, others);
	log_info("processors: %u of %u run", cpu_count, others + 1);
}

void smp_release(void)
{
	__atomic_store_n(&released, true, __ATOMIC_RELEASE);
	for (unsigned int cpu = 1; cpu < cpu_count; cpu++)
		while (phase_of(cpu) != CPU_RUNNING)
			cpu_relax();
}

void smp_run(void (*function)(void *context), void *context)
{
	CHECK(cpu_index() == 0 && !working);
	working = true;
	for (unsigned int cpu = 1; cpu < cpu_count; cpu++) {
		cpus[cpu].context = context;
		__atomic_store_n(&cpus[cpu].function, function, __ATOMIC_RELEASE);
	}
	if (cpu_count > 1 && released)
		apic_ipi_others(VEC_WAKE);
	function(context);
	for (unsigned int cpu = 1; cpu < cpu_count; cpu++)
		while (__atomic_load_n(&cpus[cpu].function, __ATOMIC_ACQUIRE))
			shootdown_poll();
	working = false;
}

/* Who ends the run on another processor, or amid work of all, leaves things as they are. */
void smp_shut_down(void)
{
	if (cpu_index() == 0 && !working)
		pv_pages_shut_down(&services);
}
