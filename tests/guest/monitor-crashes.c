/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the monitor does not play, and what no hardware could go on after, ends the guest as a crash
 * with a sentence that says what it was.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --status=5 --platform=snp %t -- test unsupported | \
 * RUN:   FileCheck %s -DWHY="it reported a #VC that it does not support"
 * RUN: %run-guest --status=5 --platform=plain --mode=emulate %t -- test own | \
 * RUN:   FileCheck %s -DWHY="it touched the monitor's memory"
 * RUN: %run-guest --status=5 --platform=sev %t -- test nowhere | \
 * RUN:   FileCheck %s -DWHY="it touched an address that no machine has"
 * RUN: %run-guest --status=5 --platform=plain --mode=emulate %t -- test string | \
 * RUN:   FileCheck %s -DWHY="string I/O between a port and a device's memory"
 * RUN: %run-guest --status=5 --platform=plain --mode=emulate --smp=2 %t -- test init | \
 * RUN:   FileCheck %s -DWHY="its boot processor was reset by INIT"
 * RUN: %run-guest --status=5 --platform=plain --mode=emulate --smp=2 %t -- test exchange | \
 * RUN:   FileCheck %s -DWHY="it wrote an interrupt controller other than by a plain store"
 * RUN: %run-guest --status=5 --platform=plain --mode=emulate %t -- test straddle | \
 * RUN:   FileCheck %s -DWHY="it wrote an interrupt controller other than by a plain store"
 * RUN: %run-guest --status=5 --platform=snp --smp=2 %t -- test destroy | \
 * RUN:   FileCheck %s -DWHY="it waits for a start that nobody can give"
 * RUN: %run-guest --status=5 --platform=sev-es --boot=direct --smp=9 %t -- test empty | \
 * RUN:   FileCheck %s -DWHY="it started a processor with an empty AP jump table"
 * RUN: %run-guest --status=5 --platform=sev-es --boot=direct --smp=9 %t -- test none | \
 * RUN:   FileCheck %s -DWHY="it started a processor without an AP jump table"
 * CHECK: monitor: the guest crashed: [[WHY]] at rip=0x
 * CHECK: exit status 5
 */
#include <stdio.h>
#include <string.h>

#include "Inputs/vmsa.h"
#include "abi/exit_code.h"
#include "kernel/apic.h"
#include "kernel/workload.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "paravirt/pv_ops.h"

#define MONITOR   0xfe00000 /* at the end of 256M */
#define WINDOW    (U64_C(32) << 40)
#define IOAPIC    0xfec00000
#define ABSENT_ID 8 /* of a processor beyond those that this guest takes */

static __aligned_page u8 zeros[PAGE_SIZE];

static void unsupported(void)
{
	struct host_exception e;

	(void)!ghcb_simple(SVM_VMGEXIT_UNSUPPORTED_EVENT, &e);
}

static void touch_own(void) { (void)*(volatile u8 *)mmio_map(pa(MONITOR), PAGE_SIZE); }

/* Between what nested tables of 4 levels can map and the C-bit. */
static void touch_nowhere(void)
{
	if (!pgtable_map(mm_pgtable(), va(WINDOW), pa(BIT(50)), PAGE_SIZE,
			 PGTABLE_W | PGTABLE_SHARED))
		*(volatile u8 *)WINDOW = 1;
}

static void write_string(void)
{
	__asm__ volatile("outsb" ::"S"(mmio_map(pa(APIC_BASE_DEFAULT), PAGE_SIZE)), "d"(EXIT_PORT));
}

static void reset_self(void) { apic_init_ipi(apic_id()); }

static void exchange(void)
{
	u32 value = 0;

	__asm__ volatile("xchgl %0, (%1)" : "+r"(value) : "r"(APIC_BASE_DEFAULT + (u64)APIC_TPR));
}

/* It begins in the page in front of the I/O APIC's, which this guest has to itself. */
static void straddle(void)
{
	u64 at = IOAPIC - 4;

	mmio_map(pa(at - at % PAGE_SIZE), 2 * PAGE_SIZE);
	*(volatile u64 *)at = 0;
}

static void destroy_all(void)
{
	for (u64 id = 2; id--;)
		vmsa_request(id << 32 | SVM_VMGEXIT_AP_DESTROY, 0, SEV_FEATURES_SNP_ACTIVE);
}

static void start_by_table(u64 gpa)
{
	struct ghcb_request r = ghcb_begin();
	struct host_exception e;

	(void)!ghcb_exit(r.ghcb, SVM_VMGEXIT_AP_JUMP_TABLE, GHCB_JUMP_TABLE_SET, gpa, &e);
	ghcb_end(&r);
	apic_init_ipi(ABSENT_ID);
	apic_startup_ipi(ABSENT_ID, pa(0x8000));
	for (;;)
		pv_halt();
}

static void start_by_empty(void) { start_by_table((u64)zeros); }

static void start_by_none(void) { start_by_table(0); }

static const struct {
	const char *name;
	void (*function)(void);
} ways[] = {
	{ "unsupported", unsupported }, { "own", touch_own },        { "nowhere", touch_nowhere },
	{ "string", write_string },     { "init", reset_self },      { "exchange", exchange },
	{ "destroy", destroy_all },     { "empty", start_by_empty }, { "none", start_by_none },
	{ "straddle", straddle },
};

static int test(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(argv[1], ways[i].name))
			ways[i].function();
	for (int i = 0; i < 1000; i++)
		cpu_relax();
	printf("goes on\n");
	return 1;
}

DEFINE_WORKLOAD("test", "crashes as it is told", test);
