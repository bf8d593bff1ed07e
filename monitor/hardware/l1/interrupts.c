/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See interrupts.h. Reads are the machine's own registers', through the mapping of their page.
 */
#include "monitor/hardware/l1/interrupts.h"

#include "monitor/svm/mmio_guard.h"

#define IOAPIC 0xfec00000
#define HPET   0xfed00000

static void ioapic_write(u64 offset, unsigned int size, u64 value)
{
	(void)mmio_guard_write(IOAPIC + offset, size, value);
}

static void hpet_write(u64 offset, unsigned int size, u64 value)
{
	(void)mmio_guard_write(HPET + offset, size, value);
}

static void nothing(void) {}

struct l1_device l1_ioapic = {
	.gpa = IOAPIC,
	.size = PAGE_SIZE,
	.memory = (void *)IOAPIC,
	.write = ioapic_write,
	.init = nothing,
};

struct l1_device l1_hpet = {
	.gpa = HPET,
	.size = PAGE_SIZE,
	.memory = (void *)HPET,
	.write = hpet_write,
	.init = nothing,
};
