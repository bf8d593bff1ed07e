/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a guest asks, touches or executes, the monitor goes on, or ends the run by a name; it
 * never panics, never hangs, and shows nothing of its own memory. Here a short run a platform;
 * tools/fuzz-monitor makes long ones, of many seeds, and judges how each ended.
 * `-- test SEED EXITS [RARE [FROM]]`: one draw in RARE may end the guest (0: none); cases are told
 * on the console from number FROM on.
 * RUN: %guest-cc %s -I%S/Inputs/fuzz -o %t --kernel %S/Inputs/fuzz/sandbox.c \
 * RUN:   %S/Inputs/fuzz/draw.c %S/Inputs/fuzz/ghcb.c %S/Inputs/fuzz/snp.c %S/Inputs/fuzz/td.c \
 * RUN:   %S/Inputs/fuzz/tables.c %S/Inputs/fuzz/insn.c %S/Inputs/fuzz/hypercall.c
 * RUN: %root/tools/fuzz-monitor --exits 2000 --run 2000 --rare 0 %t
 * RUN: %root/tools/fuzz-monitor --exits 2000 --run 1000 --rare 0 --smp 2 --seed 2 %t snp tdx
 * RUN: %root/tools/fuzz-monitor --exits 1000 --run 1000 --rare 0 --option features=apic-id-list %t snp
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "sandbox.h"

#include "abi/exit_code.h"
#include "early/memory_map.h"
#include "early/percpu.h"
#include "early/platform.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/irq.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "paravirt/pv_ops.h"

#define WINDOW  (U64_C(32) << 40) /* of processor 0: nothing else is so far up */
#define SPACING BIT(39)
#define TOLD    1000

#define PROTECTED                                                                                  \
	(BIT(PLATFORM_SEV) | BIT(PLATFORM_SEV_ES) | BIT(PLATFORM_SEV_SNP) | BIT(PLATFORM_TDX))
#define BY_GHCB (BIT(PLATFORM_SEV_ES) | BIT(PLATFORM_SEV_SNP))
#define ANY     (~U64_C(0))

static const struct {
	const char *name;
	void (*make)(struct fuzz *f);
	u64 platforms;
	unsigned int weight;
} cases[] = {
	{ "ghcb", fuzz_ghcb, BY_GHCB, 8 },
	{ "ghcb-msr", fuzz_ghcb_msr, BY_GHCB, 2 },
	{ "page-state", fuzz_page_state, BIT(PLATFORM_SEV_SNP), 6 },
	{ "tdcall", fuzz_tdcall, BIT(PLATFORM_TDX), 5 },
	{ "tdvmcall", fuzz_tdvmcall, BIT(PLATFORM_TDX), 8 },
	{ "td-pages", fuzz_td_pages, BIT(PLATFORM_TDX), 5 },
	{ "hypercall", fuzz_hypercall, PROTECTED | BIT(PLATFORM_KVM), 1 },
	{ "pci", fuzz_pci, ANY, 2 },
	{ "tables", fuzz_tables, ANY, 6 },
	{ "system-insn", fuzz_system_insn, ANY, 8 },
	{ "user-insn", fuzz_user_insn, ANY, 3 },
};

#define STILL_POLLS U64_C(20000000) /* without a case of a processor's: it does not come any more */

static struct fuzz fuzzes[CPU_MAX];
static u64 wanted;
static unsigned int ended; /* processors that have */

static unsigned int total_weight(void)
{
	unsigned int total = 0;

	for (unsigned int i = 0; i < array_count(cases); i++)
		if (cases[i].platforms & BIT(platform.kind))
			total += cases[i].weight;
	return total;
}

static unsigned int draw_case(struct fuzz *f, unsigned int total)
{
	u64 at = fuzz_below(f, total);

	for (unsigned int i = 0;; i++) {
		if (!(cases[i].platforms & BIT(platform.kind)))
			continue;
		if (at < cases[i].weight)
			return i;
		at -= cases[i].weight;
	}
}

/* Only the first processor has a console. */
static void tell(const struct fuzz *f, const char *name, u64 told)
{
	if (f->cpu)
		return;
	if (f->cases >= f->verbose)
		printf("fuzz: case %lu %s\n", f->cases, name);
	else if (f->exits / TOLD > told / TOLD)
		printf("fuzz: %lu exits\n", f->exits);
}

static u64 sum(u64 (*of)(const struct fuzz *f))
{
	u64 total = 0;

	for (unsigned int cpu = 0; cpu < smp_count(); cpu++)
		total += of(&fuzzes[cpu]);
	return total;
}

static u64 exits_of(const struct fuzz *f) { return READ_ONCE(f->exits); }
static u64 cases_of(const struct fuzz *f) { return READ_ONCE(f->cases); }

/* One that was reset, held or destroyed stands still; who waits has no interrupt left to trust. */
static void wait_for_all(u64 patience)
{
	u64 made = 0;

	for (u64 polls = 0; __atomic_load_n(&ended, __ATOMIC_ACQUIRE) < smp_count(); polls++) {
		if (made != sum(cases_of))
			polls = 0;
		made = sum(cases_of);
		if (polls == patience) {
			puts("fuzz: a processor stands still");
			return;
		}
		cpu_relax();
	}
}

/* Nothing else of this guest can be relied on. The first one tells, if it was not destroyed. */
static void finish(const struct fuzz *f)
{
	static unsigned int finished;

	wait_for_all(f->cpu ? 64 * STILL_POLLS : STILL_POLLS);
	if (f->cpu && READ_ONCE(ended) == smp_count())
		return;
	if (__atomic_exchange_n(&finished, 1, __ATOMIC_RELAXED))
		return;
	if (fuzz_has_seen())
		puts("fuzz: the monitor's memory shows");
	printf("fuzz: %lu exits, done\n", sum(exits_of));
	pv_io_out(EXIT_PORT, 1, fuzz_has_seen() ? EXIT_CODE_FAILED : EXIT_CODE_SUCCESS);
}

static void init(void *context)
{
	u64 flags = irq_save();

	(void)context;
	write_cr0(read_cr0() & ~(u64)CR0_WP); /* tables and gates are sealed */
	if (pv_cpuid(CPUID_FEATURES, 0).ecx & CPUID_FEATURES_ECX_XSAVE)
		write_cr4(read_cr4() | CR4_OSXSAVE);
	sandbox_init();
	irq_restore(flags);
}

static void run(void *context)
{
	struct fuzz *f = &fuzzes[cpu_index()];
	unsigned int total = total_weight();
	u64 told = 0;

	(void)context;
	cli(); /* for good: by now the APIC may be anything */
	for (; f->exits < wanted && !fuzz_has_seen(); f->cases++) {
		unsigned int i = draw_case(f, total);

		tell(f, cases[i].name, told);
		told = f->exits;
		cases[i].make(f);
	}
	__atomic_fetch_add(&ended, 1, __ATOMIC_RELEASE);
	finish(f);
	for (;;)
		cpu_relax();
}

/* The entry of level @level that maps @address; above the leaf everybody may pass. */
static u64 *entry_of(u64 address, unsigned int level)
{
	u64 mask = PTE_ADDR_MASK & ~(platform.private_mask | platform.shared_mask);
	u64 *table = (u64 *)(read_cr3() & mask);

	for (unsigned int at = 4;; at--) {
		u64 *entry = &table[address >> (PAGE_SHIFT + 9 * (at - 1)) & (PTE_COUNT - 1)];

		if (at == level)
			return entry;
		*entry |= PTE_U;
		table = (u64 *)(*entry & mask);
	}
}

static bool prepare(struct fuzz *f, u64 seed, unsigned int cpu)
{
	u64 *entry;

	f->cpu = cpu;
	f->random = seed * U64_C(0x9e3779b97f4a7c15) + cpu + 1;
	f->window = WINDOW + cpu * SPACING;
	f->arena = memalign(PAGE_2M_SIZE, (u64)FUZZ_PAGES * PAGE_SIZE);
	f->code = memalign(PAGE_SIZE, 2 * PAGE_SIZE);
	if (!f->arena || !f->code ||
	    pgtable_map(mm_pgtable(), va(f->window), pa_of(f->code), PAGE_SIZE, PGTABLE_W))
		return false;
	memset(f->arena, 0, (u64)FUZZ_PAGES * PAGE_SIZE);
	write_cr0(read_cr0() & ~(u64)CR0_WP);
	entry = entry_of(f->window, 1);
	for (unsigned int i = 1; i <= FUZZ_USER_DATA; i++)
		entry[i] = 0;
	entry[FUZZ_CODE] = (entry[0] & ~(u64)PTE_NX) | PTE_A | PTE_D;
	entry[FUZZ_USER_CODE] = entry[FUZZ_CODE] | PTE_U;
	entry[FUZZ_USER_DATA] = (entry[0] + PAGE_SIZE) | PTE_U | PTE_A | PTE_D;
	entry[FUZZ_SLOTS - 1] = pa_of(entry).value / PAGE_SIZE * PAGE_SIZE | platform.private_mask |
				PTE_P | PTE_W | PTE_NX | PTE_A | PTE_D;
	return true;
}

static u64 number(int argc, char **argv, int at, u64 otherwise)
{
	return argc > at ? strtoul(argv[at], NULL, 0) : otherwise;
}

/* Of memory below 4G: there the monitor's begins. */
static u64 find_ram_end(void)
{
	u64 end = 0;

	for (u32 i = 0; i < memory_map.count; i++)
		if (memory_map.ranges[i].type == MEMORY_RAM &&
		    memory_range_end(&memory_map.ranges[i]) < U64_C(1) << 32)
			end = memory_range_end(&memory_map.ranges[i]);
	return end;
}

static int test(int argc, char **argv)
{
	u64 seed = number(argc, argv, 1, 1), ram_end = find_ram_end();

	wanted = number(argc, argv, 2, 1000);
	printf("fuzz: seed %lu, %lu exits, RAM to %#lx\n", seed, wanted, ram_end);
	for (unsigned int cpu = 0; cpu < smp_count(); cpu++) {
		fuzzes[cpu].ram_end = ram_end;
		fuzzes[cpu].rare = number(argc, argv, 3, 2000);
		fuzzes[cpu].verbose = number(argc, argv, 4, ~U64_C(0));
		if (!prepare(&fuzzes[cpu], seed, cpu))
			return 1;
	}
	smp_run(init, NULL);
	sandbox_take_traps();
	smp_run(run, NULL);
	return 1;
}

DEFINE_WORKLOAD("test", "asks, touches and executes anything, by a seed", test);
