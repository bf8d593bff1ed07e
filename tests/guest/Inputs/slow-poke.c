/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for mm/poke.c: each site is an INT3 for a while before it gets its new bytes, and every
 * other processor gets an NMI meanwhile.
 */
#include "slow-poke.h"

#include "early/percpu.h"
#include "kernel/apic.h"
#include "kernel/smp.h"
#include "kernel/traps.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/tables.h"

#define mm_poke_text poke_by_alias
#include "mm/poke.c"
#undef mm_poke_text

#define INT3       0xcc
#define ICR_NMI    0x400
#define WAIT_TICKS 300000

unsigned int slow_poke_sites;

unsigned int slow_poke_nmis(unsigned int cpu) { return nmi_count(cpu); }

/*
 * Each has come out of its last NMI, the host's answer to its end included: parked ones serve a
 * flush nowhere else. NMIs that come faster nest in that answer, deeper than a guest has room for.
 */
static void wait_until_parked(void)
{
	static __aligned_page u8 page[PAGE_SIZE];
	static unsigned int flags = PGTABLE_W;

	if (tables_lock())
		panic("no room for a page table");
	flags ^= PGTABLE_W;
	pgtable_must(pgtable_change(mm_pgtable(), va_of(page), PAGE_SIZE, PGTABLE_W, flags));
	tables_unlock();
}

/* One in flight to each processor. */
static void send_nmis(void)
{
	wait_until_parked();
	for (unsigned int cpu = 1; cpu < smp_count(); cpu++)
		apic_ipi(percpus[cpu].apic_id, ICR_NMI);
}

void mm_poke_text(void *address, const void *bytes, size_t size)
{
	u8 stops[16];
	u64 start;

	memcpy(stops, bytes, size);
	stops[0] = INT3;
	send_nmis();
	poke_by_alias(address, stops, size);
	for (start = rdtsc(); rdtsc() - start < WAIT_TICKS;)
		cpu_relax();
	poke_by_alias(address, bytes, size);
	slow_poke_sites++;
}
