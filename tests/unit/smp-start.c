/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting processors, with hardware that is late, deaf, or hangs: whoever does not come costs only
 * itself; nobody enters by the ticket of another, nor is in two places; a flush is answered with
 * interrupts off, and one that never is ends the guest. The test plays the processors: one runs
 * while the boot processor waits, until it waits itself.
 * RUN: %unit-cc -O1 %s -iquote %S/Inputs/smp -o %t
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/irq.h"

static unsigned int number; /* of the processor that runs, by its GS base */
static u32 own_id;          /* ... by its APIC */
static bool irqs_on = true;
static u64 now, step = U64_C(100000000);

static void fake_relax(void);
static noreturn_t fake_hlt(void);

static u64 fake_irq_save(void)
{
	u64 flags = irqs_on;

	irqs_on = false;
	return flags;
}

#define read_gs32(offset) number
#define wrmsr(msr, value) fake_wrmsr(value)
#define cpu_relax         fake_relax
#define hlt               fake_hlt
#define irq_save          fake_irq_save
#define irq_restore(x)    (irqs_on = (x))
#define cli()             (irqs_on = false)
#define irq_enable()      (irqs_on = true)
#define rdtsc()           (now += step)
#define read_cr2()        0
#define write_cr2(x)      (void)(x)
#define read_cr3()        U64_C(0x400000)
#define read_cr4()        U64_C(0x620)
static void fake_wrmsr(u64 value);

#include "../../kernel/patience.c"
#include "../../kernel/shootdown.c"
#include "../../kernel/smp.c"
#include "../../kernel/smp_start.c"

struct percpu percpus[CPU_MAX];
struct boot_cpus boot_cpus;
struct boot_info boot_info;
struct platform platform;
struct ap_start ap_start;
const u8 ap_trampoline[1], ap_trampoline_end[1];

static void fake_wrmsr(u64 value)
{
	number = (unsigned int)((struct percpu *)(uintptr_t)value - percpus);
}

/* ---- what is above and below, as far as it matters */

static unsigned int inits[8], sipis[8], released_from, unshared_from;
static int wake_error = -E_NOSYS, setup_error, prepare_error, release_error;
static bool setup_hangs;
static unsigned int flushes_done, block_count;

noreturn_t panic(const char *fmt, ...)
{
	printf("panic: %s\n", fmt);
	abort();
}

static unsigned int sentences;
void log_error(const char *fmt, ...) { printf("%s\n", fmt), sentences++; }
void log_info(const char *fmt, ...) { (void)fmt; }
const char *boot_cpus_error(void) { return NULL; }
bool accept_some(void) { return false; }
void spin_set_poll(spin_poll_t poll_function) { (void)poll_function; }
void tables_set_shootdown(tables_shootdown_t function) { (void)function; }
void traps_init_cpu(void) {}
void traps_say_unexpected(void) {}
void trap_set_still(bool is_still) { percpus[number].is_still = is_still; }
void irq_register(unsigned int vector, irq_handler_t handler) { (void)vector, (void)handler; }
int set_memory_decrypted(va_t address, u64 count) { return (void)address, (void)count, 0; }
int set_memory_encrypted(va_t address, u64 count) { return (void)address, (void)count, 0; }
int tables_map_page(pa_t page, bool is_mapped) { return (void)page, (void)is_mapped, 0; }
int tables_unmap_page(va_t page) { return (void)page, 0; }
void pv_pages_register(void) {}
void pv_pages_shut_down(const struct cpus_services *s) { (void)s; }
void apic_init_cpu(void) {}
u32 apic_id(void) { return own_id; }
u32 apic_id_held(void) { return own_id; }
static jmp_buf end;
static unsigned int end_reason;
static char end_sentence[96];
noreturn_t fatal(unsigned int reason, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(end_sentence, sizeof(end_sentence), fmt, args);
	va_end(args);
	end_reason = reason;
	longjmp(end, 1);
}
static unsigned int asked;
static bool is_alive; /* who is asked by an interrupt shows that it took it */
void apic_ipi(u32 id, unsigned int vector)
{
	assert(vector == VEC_WAKE);
	asked++;
	smp_cpus[id].wakes += is_alive;
}
bool apic_reaches(u32 to) { return to < 0xff; }
static u32 told; /* by the last interrupt */
void apic_ipi_others(u32 cpus, unsigned int vector)
{
	told = cpus, (void)vector;
	for (unsigned int cpu = 0; cpu < CPU_MAX && vector == VEC_WAKE && is_alive; cpu++)
		smp_cpus[cpu].asked = 0;
}
u32 panic_owner;
__attribute__((preserve_most)) void fatal_give_way_to_owner(void)
{
	panic("processor %u ends", panic_owner - 1);
}
void spin_set_wait(spin_wait_t wait) { (void)wait; }
static bool has_private_memory;
bool cc_has(enum cc_attr attr) /* no trampoline */
{
	return attr == CC_PAGE_STATES || (attr == CC_PRIVATE_MEMORY && has_private_memory);
}
static unsigned int asked_later;
bool pv_cpu_flush_later(unsigned int cpu) { return asked_later++, cpu == 3; }
void apic_eoi(void) {}
void apic_init_ipi(u32 to) { inits[to]++; }
void apic_startup_ipi(u32 to, pa_t page) { sipis[to]++, (void)page; }
void pv_halt(void) {}
bool pv_cpu_is_preempted(unsigned int cpu) { return cpu == 3; }

/* Whoever gets the time answers. */
static u64 yielded_to;

s64 kvm_hypercall1(u64 nr, u64 a)
{
	assert(nr == KVM_HC_SCHED_YIELD);
	yielded_to = a;
	flushes.waiting = 0;
	return 0;
}
int pv_cpu_wake(unsigned int cpu) { return (void)cpu, wake_error; }

int phys_alloc(unsigned int order, pa_t *block)
{
	static __aligned_page u8 blocks[8][PAGE_SIZE << STACKS_ORDER];

	assert(order == STACKS_ORDER && block_count < 8);
	*block = pa_of(blocks[block_count++]);
	return 0;
}

int pv_cpus_prepare(unsigned int first, unsigned int count, const struct cpus_services *s)
{
	return (void)first, (void)count, (void)s, prepare_error;
}

int pv_cpus_release(unsigned int first, unsigned int count, const struct cpus_services *s)
{
	released_from = first;
	return (void)count, (void)s, release_error;
}

int pv_pages_share_others(unsigned int first, unsigned int count, const struct cpus_services *s)
{
	return (void)first, (void)count, (void)s, 0;
}

void pv_pages_unshare_from(unsigned int first, const struct cpus_services *s)
{
	unshared_from = first;
	(void)s;
}

void tables_flush(va_t address, u64 size)
{
	assert(!irqs_on); /* or the interrupt could answer, and this be the next request's answer */
	assert(address.value == 0x1000 && size == PAGE_SIZE);
	flushes_done++;
}

/* ---- other processors */

static jmp_buf back;
static unsigned int entered[8], parked[8], halted[8];

/* The hardware with APIC id @who comes to ap_entry64, and goes as far as it gets. */
static void arrive(u32 who)
{
	u64 *stack = (u64 *)(uintptr_t)__atomic_exchange_n(&ap_start.stack, 0, __ATOMIC_SEQ_CST);

	if (!stack) {
		halted[who]++;
		return;
	}
	entered[who]++;
	own_id = who;
	if (!setjmp(back))
		ap_main((unsigned int)*stack);
	number = 0;
	own_id = 0;
	irqs_on = true;
}

int pv_cpu_setup(void)
{
	if (setup_hangs)
		longjmp(back, 1);
	return setup_error;
}

static noreturn_t fake_hlt(void)
{
	halted[own_id]++;
	longjmp(back, 1);
}

/* What the scenario lets come while the boot processor waits. */
static void (*scenario)(void);

static void fake_relax(void)
{
	if (number) { /* parked: it waits for its release */
		parked[own_id]++;
		longjmp(back, 1);
	}
	if (scenario)
		scenario();
}

static struct cpus_outcome started;

static void start_with(void (*what)(void), u32 count)
{
	memset(smp_cpus, 0, sizeof(smp_cpus));
	memset(percpus, 0, sizeof(percpus));
	memset(inits, 0, sizeof(inits));
	memset(sipis, 0, sizeof(sipis));
	memset(entered, 0, sizeof(entered));
	memset(parked, 0, sizeof(parked));
	memset(halted, 0, sizeof(halted));
	smp_cpus[0].phase = CPU_RUNNING;
	smp_cpu_count = 1;
	flushes.online = 1;
	released_from = unshared_from = block_count = 0;
	boot_cpus.count = count;
	for (u32 i = 0; i < count; i++)
		boot_cpus.apic_ids[i] = i;
	scenario = what;
	started = smp_start();
	scenario = NULL;
	assert(!ap_start.stack && flushes.online == bits_mask(smp_cpu_count));
}

static void at_sipi(void)
{
	for (u32 who = 1; who < 8; who++)
		if (sipis[who] && !entered[who])
			arrive(who);
}

static void all_but_one(void)
{
	for (u32 who = 2; who < 8; who++)
		if (sipis[who] && !entered[who])
			arrive(who);
}

/* The first is not there in time, but before the second one. */
static void late(void)
{
	if (!sipis[2])
		return;
	if (!entered[1])
		arrive(1);
	if (!halted[2])
		arrive(2);
}

static void test_start(void)
{
	start_with(at_sipi, 4);
	assert(smp_count() == 4 && parked[1] && parked[2] && parked[3]);
	assert(percpus[2].apic_id == 2 && inits[1] == 1 && sipis[1] == 1);

	start_with(all_but_one, 4); /* the others have its number, and the ones after it */
	assert(smp_count() == 3 && parked[2] && parked[3] && !started.failed && !started.adrift);
	assert(percpus[1].apic_id == 2 && percpus[2].apic_id == 3);
	assert(sipis[1] == 2 && inits[1] == 2); /* a second try, and then it is stopped */
	assert(released_from == 3 && unshared_from == 3);
}

static void test_late(void)
{
	start_with(late, 3);
	assert(entered[1] == 1 && halted[1] && !parked[1]); /* told by its APIC id */
	assert(!entered[2] && halted[2]);
	assert(smp_count() == 1 && smp_cpus[1].phase == CPU_GIVEN_UP);
	assert(!started.failed && !started.adrift); /* it said so itself, and halts */
	assert(released_from == 2);                 /* its pages stay as they are */

	arrive(1); /* whenever it is, nothing waits for it */
	assert(entered[1] == 1);
}

static void test_failures(void)
{
	setup_error = -E_PERM;
	start_with(at_sipi, 3);
	assert(smp_count() == 1 && started.failed == 1 && halted[1] && !sipis[2]);
	setup_error = 0;

	setup_hangs = true;
	start_with(at_sipi, 3);
	assert(smp_count() == 1 && smp_cpus[1].phase == CPU_GIVEN_UP && !started.failed);
	assert(started.adrift == 1);
	assert(!smp_end_start(1, CPU_PARKED) && smp_cpus[1].phase == CPU_GIVEN_UP); /* too late */
	setup_hangs = false;

	wake_error = -E_IO;
	start_with(NULL, 3);
	assert(smp_count() == 1 && smp_cpus[1].phase == CPU_ABSENT && released_from == 1);
	wake_error = -E_NOSYS;

	prepare_error = -E_RANGE; /* whatever was shared by then is not any more */
	start_with(at_sipi, 3);
	assert(smp_count() == 1 && !sipis[1] && released_from == 1 && unshared_from == 1);
	/* ... or else the guest ends: the host may go on writing there. */
	release_error = -E_IO;
	end_reason = 0;
	if (!setjmp(end))
		start_with(at_sipi, 3);
	assert(end_reason == TERM_PSC && !sipis[1]);
	assert(!strcmp(end_sentence, "pages of processors that do not run stay shared"));
	prepare_error = release_error = 0;
}

/* An id that is every processor's is none's. */
static void test_ids(void)
{
	start_with(NULL, 1);
	boot_cpus.count = 2;
	boot_cpus.apic_ids[1] = 0xff;
	started = smp_start();
	assert(smp_count() == 1);
}

/* Where the list lacks this processor, one of the others may be it: none is started. */
static void test_unlisted(void)
{
	own_id = 9;
	start_with(at_sipi, 3);
	own_id = 0;
	assert(smp_count() == 1);
	for (u32 who = 0; who < 3; who++)
		assert(!inits[who] && !sipis[who]);
}

static void test_flush(void)
{
	number = 2;
	flushes.address = va(0x1000);
	flushes.size = PAGE_SIZE;
	flushes.waiting = 0xa;
	serve_flush();
	assert(!flushes_done && flushes.waiting == 0xa);
	flushes.waiting = 0x4;
	serve_flush();
	assert(flushes_done == 1 && !flushes.waiting && irqs_on);
	number = 0;
}

/* Who is waited for, and does not run, gets the time of who waits; nobody else does. */
static void answer(void) { flushes.waiting = 0; }

static void test_yield(void)
{
	percpus[3].apic_id = 30;
	flushes.online = 0xf;
	scenario = answer;
	shootdown(va(0x1000), PAGE_SIZE);
	assert(!yielded_to);
	platform.kvm_features = BIT(KVM_FEATURE_PV_SCHED_YIELD);
	scenario = NULL;
	shootdown(va(0x1000), PAGE_SIZE);
	assert(yielded_to == 30);
}

/* Who does not run is left to a host that offers it, and only where nothing depends on it. */
static void test_left_to_host(void)
{
	u64 before = flushes.count;

	scenario = answer;
	flushes.awake = 0xf;
	platform.kvm_features = BIT(KVM_FEATURE_PV_TLB_FLUSH);
	has_private_memory = true;
	shootdown(va(0x1000), PAGE_SIZE);
	assert(told == 0xe && !asked_later && flushes.count == before + 1);
	has_private_memory = false;
	shootdown(va(0x1000), PAGE_SIZE);
	assert(told == 0x6 && asked_later == 3 && flushes.count == before + 2);
	flushes.online = 0x9;
	told = 0;
	shootdown(va(0x1000), PAGE_SIZE);
	assert(!told && asked_later == 4 && flushes.count == before + 3);
}

/* Who never answers: that is said once, and is the end, though time may stand still or fly. */
static void test_lost(void)
{
	static const u64 steps[] = { 10000, U64_C(100000000) };

	scenario = NULL;
	platform.kvm_features = 0;
	flushes.online = 0xb;
	for (size_t i = 0; i < array_count(steps); i++) {
		sentences = end_reason = 0;
		step = steps[i];
		if (!setjmp(end))
			shootdown(va(0x1000), PAGE_SIZE);
		assert(sentences == 1 && end_reason == TERM_CPU_LOST);
		assert(!strcmp(end_sentence, "processor 1 does not flush its TLB"));
	}
	smp_cpu_count = 2;
	smp_cpus[1].phase = CPU_PARKED;
	sentences = end_reason = 0;
	if (!setjmp(end))
		smp_hold();
	assert(sentences == 1 && end_reason == TERM_CPU_LOST);
	assert(!strcmp(end_sentence, "processor 1 does not go on with the boot"));
}

static void work(void *context) { (void)context; }

/* The work of processor 1 is done when it was asked thirty times. */
static void finish(void)
{
	if (asked == 30)
		smp_cpus[1].function = NULL;
}

/*
 * Work that never ends: of a parked processor, and of one that is asked and does not answer. One
 * that does is waited for, however long.
 */
static void test_work(void)
{
	step = 10000;
	percpus[1].apic_id = 1;
	smp_cpu_count = 2;
	for (int at_work = 0; at_work < 2; at_work++) {
		held = released = at_work;
		sentences = end_reason = asked = 0;
		if (!setjmp(end))
			smp_run(work, NULL);
		assert(sentences == 1 && end_reason == TERM_CPU_LOST && !asked == !at_work);
		assert(working && !strcmp(end_sentence, "processor 1 does not end its work"));
		working = false;
	}
	is_alive = true;
	sentences = end_reason = asked = 0;
	scenario = finish;
	step = 1000;
	now = 0;
	smp_run(work, NULL);
	assert(!sentences && !end_reason && asked == 30 && !working);
	assert(now > SAY_TICKS); /* in all, but not since the last answer */
}

/*
 * Waiting for a lock: while all give signs of life, or it is passed on, there is no end of it. One
 * that is not at work is not asked.
 */
static void test_wait(void)
{
	struct spin_wait wait = { 0 };

	step = U64_C(100000000);
	smp_cpu_count = 4;
	for (unsigned int cpu = 0; cpu < 4; cpu++)
		smp_cpus[cpu].phase = cpu == 3 ? CPU_PARKED : CPU_RUNNING;
	sentences = end_reason = 0;
	is_alive = true;
	for (unsigned int i = 0; i < 5 * ASK_LOOKS; i++)
		smp_wait_for_others(&wait, 7);
	assert(!sentences && told == 6 && !wait.silent);
	is_alive = false;
	for (unsigned int i = 0; i < 20 * ASK_LOOKS; i++)
		smp_wait_for_others(&wait, i / ASK_LOOKS);
	assert(!end_reason);
	smp_cpus[1].asked = 0; /* it did, and the other one did not */
	if (!setjmp(end))
		for (;;) {
			smp_wait_for_others(&wait, 7);
			smp_cpus[1].asked = 0;
		}
	assert(sentences == 1 && end_reason == TERM_CPU_LOST);
	assert(!strcmp(end_sentence, "processor 2 gives no sign of life"));
}

int main(void)
{
	test_start();
	test_late();
	test_failures();
	test_ids();
	test_unlisted();
	test_flush();
	test_yield();
	test_left_to_host();
	test_lost();
	test_work();
	test_wait();
	return 0;
}
