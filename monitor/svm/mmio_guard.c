/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See mmio_guard.h.
 */
#include "monitor/svm/mmio_guard.h"

#include "abi/x86.h"
#include "monitor/svm/apic_ipi.h"
#include "monitor/svm/guarded.h"

#define IOAPIC        GUARDED_START
#define IOAPIC_END    0xfed00000
#define IOAPIC_SELECT 0x00
#define IOAPIC_WINDOW 0x10
#define IOAPIC_EOI    0x40
#define IOAPIC_TABLE  0x10 /* entries of two registers, the low one first */

#define HPET             0xfed00000
#define HPET_SIZE        0x1000
#define HPET_TIMERS      0x100
#define HPET_TIMER_SIZE  0x20
#define HPET_CONFIG      0x00
#define HPET_MESSAGE     0x10 /* what a timer would write, and where */
#define HPET_MESSAGE_END 0x18
#define HPET_FSB_ENABLE  BIT(14)

static u8 selected;

static void put(u64 address, unsigned int size, u64 value)
{
	if (size == sizeof(u64))
		*(volatile u64 *)address = value;
	else
		*(volatile u32 *)address = (u32)value;
}

/* An entry whose mode is none that the guest may have of the machine stays masked. */
static u32 entry(u32 value) { return apic_is_harmless(value) ? value : value | APIC_LVT_MASKED; }

/* There is one, whose registers QEMU repeats, and the window looks at all 32 bits. */
static void ioapic_write(u64 offset, unsigned int size, u32 value)
{
	bool is_low = selected >= IOAPIC_TABLE && !(selected & 1);

	switch (offset) {
	case IOAPIC_SELECT:
		selected = (u8)value;
		put(IOAPIC, sizeof(u32), selected);
		return;
	case IOAPIC_WINDOW:
		put(IOAPIC, sizeof(u32), selected); /* not only believed */
		value = is_low ? entry(value) : value;
		break;
	case IOAPIC_EOI: break;
	default: return;
	}
	if (size == sizeof(u32))
		put(IOAPIC + offset, size, value);
}

/* The bits at @offset into a timer's configuration that would have it write a message. */
static void hpet_write(u64 offset, unsigned int size, u64 value)
{
	u64 reg = (offset - HPET_TIMERS) % HPET_TIMER_SIZE;

	if ((size != sizeof(u32) && size != sizeof(u64)) || offset % size)
		return;
	if (offset >= HPET_TIMERS && reg >= HPET_MESSAGE && reg < HPET_MESSAGE_END)
		return;
	if (offset >= HPET_TIMERS && reg == HPET_CONFIG)
		value &= ~HPET_FSB_ENABLE;
	put(HPET + offset, size, value);
}

bool mmio_guard_write(u64 gpa, unsigned int size, u64 value)
{
	if (gpa >= IOAPIC && gpa < IOAPIC_END)
		ioapic_write(gpa - IOAPIC, size, (u32)value);
	else if (gpa >= HPET && gpa < HPET + HPET_SIZE)
		hpet_write(gpa - HPET, size, value);
	else
		return false;
	return true;
}
