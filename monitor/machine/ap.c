/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ap.h. They are woken by INIT and SIPI to all but this one; APIC ids are 0 to count - 1 on
 * every machine here, so the startup goes by id, one after the other.
 * Spec: APM2 16.5, 16.13.
 */
#include "monitor/machine/ap.h"

#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "monitor/machine/entry.h"
#include "monitor/machine/lapic.h"
#include "monitor/machine/memory.h"
#include "monitor/machine/traps.h"

/* Below 1 MiB, not the first page; its contents are put back. */
#define TRAMPOLINE  0x8000
#define ICR_INIT    0x4500
#define ICR_STARTUP 0x4600
#define ICR_PENDING 0x1000
#define SPIN_MAX    200000000

extern const u8 ap_trampoline[], ap_trampoline_end[], ap_entry32[];
extern u64 ap_stack;

/* The end of the trampoline. */
struct ap_addresses {
	u32 entry;
	u16 cs;
	u16 gdt_limit;
	u32 gdt;
};
ABI_SIZE(struct ap_addresses, 12);

static volatile unsigned int started; /* the last that came up */
static void (*volatile work)(unsigned int cpu);
static volatile unsigned int worker; /* whose turn it is; 0: nobody's */
static void (*volatile last_work)(unsigned int cpu);
static unsigned int count; /* of processors that are up, this one included */

void ap_send(u32 apic_id, u32 command)
{
	u32 high = lapic_read(APIC_ICR_HIGH);

	lapic_write(APIC_ICR_HIGH, apic_id << 24);
	lapic_write(APIC_ICR_LOW, command);
	while (lapic_read(APIC_ICR_LOW) & ICR_PENDING)
		cpu_relax();
	lapic_write(APIC_ICR_HIGH, high);
}

u32 ap_here(void) { return lapic_read(APIC_ID) >> 24; }

noreturn_t ap_main(void)
{
	unsigned int cpu = started + 1;

	traps_load();
	started = cpu;
	while (!last_work) {
		if (worker == cpu) {
			work(cpu);
			worker = 0;
		}
		cpu_relax();
	}
	last_work(cpu);
	panic("processor %u has no work left", cpu);
}

static bool start(unsigned int cpu)
{
	ap_stack = (u64)memory_alloc(HOST_STACK_SIZE) + HOST_STACK_SIZE;
	ap_send(cpu, ICR_INIT);
	for (int i = 0; i < 10000; i++) /* QEMU needs none of the 10 ms that old boards did */
		cpu_relax();
	ap_send(cpu, ICR_STARTUP | TRAMPOLINE >> PAGE_SHIFT);
	for (int i = 0; i < SPIN_MAX && started != cpu; i++)
		cpu_relax();
	return started == cpu;
}

/* The image may have been moved. */
static void put_trampoline(u8 *page, size_t size)
{
	struct ap_addresses *addresses;

	memcpy(page, ap_trampoline, size);
	addresses = (struct ap_addresses *)(page + size) - 1;
	addresses->entry = (u32)(u64)ap_entry32;
	addresses->gdt = (u32)(u64)host_gdt;
}

unsigned int ap_start_all(unsigned int cpu_count)
{
	u8 *page = (u8 *)TRAMPOLINE;
	size_t size = (size_t)(ap_trampoline_end - ap_trampoline);
	u8 saved[256];

	memcpy(saved, page, size);
	put_trampoline(page, size);
	for (count = 1; count < cpu_count; count++)
		if (!start(count)) {
			log_error("processor %u does not start", count);
			break;
		}
	memcpy(page, saved, size);
	return count - 1;
}

void ap_run_all(void (*function)(unsigned int cpu))
{
	work = function;
	for (unsigned int cpu = 1; cpu < count; cpu++) {
		worker = cpu;
		while (worker)
			cpu_relax();
	}
}

void ap_release_all(void (*function)(unsigned int cpu)) { last_work = function; }
