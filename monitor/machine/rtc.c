/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See rtc.h. The TSC is measured once, for 10 ms, against the ACPI timer, which wraps after more
 * than 4 s; where there is none, against channel 2 of the PIT (gated by port 61h), which wraps
 * after 55 ms.
 */
#include "monitor/machine/rtc.h"

#include "lib/cpu.h"

#define PORT_CMOS_INDEX    0x70
#define PORT_CMOS_DATA     0x71
#define RTC_B              0x0b
#define RTC_B_24_HOURS     0x02u
#define RTC_B_BINARY       0x04u
#define RTC_HOURS_PM       0x80u
#define PORT_PIT_CHANNEL2  0x42
#define PORT_PIT_MODE      0x43
#define PORT_B             0x61
#define PORT_B_GATE2       0x01
#define PORT_B_SPEAKER     0x02
#define PIT_CHANNEL2_RATE  0xb4 /* mode 2, both bytes */
#define PIT_CHANNEL2_LATCH 0x80
#define PIT_MASK           0xffff
#define PIT_HZ             1193182
#define PM_TIMER_MASK      0xffffff /* ACPI 4.8.3.3; 24 bits at least */
#define PM_TIMER_HZ        3579545
#define SAMPLE_TRIES       5
#define MEASURE_MS         10

static unsigned int cmos(u8 index)
{
	outb(PORT_CMOS_INDEX, index);
	return inb(PORT_CMOS_DATA);
}

/* The guest says in register B how the clock counts. Spec: MC146818A, register B, time. */
static unsigned int number(unsigned int value, unsigned int b)
{
	return b & RTC_B_BINARY ? value : (value >> 4) * 10 + (value & 0xf);
}

static unsigned int hours(unsigned int value, unsigned int b)
{
	if (b & RTC_B_24_HOURS)
		return number(value, b);
	return number(value & ~RTC_HOURS_PM, b) % 12 + (value & RTC_HOURS_PM ? 12 : 0);
}

/* Days since 1970 of a date of the proleptic Gregorian calendar, year from March. */
static u64 days(unsigned int year, unsigned int month, unsigned int day)
{
	u64 y = year - (month < 3);
	u64 m = month < 3 ? month + 9 : month - 3;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

u64 rtc_seconds(void)
{
	unsigned int b = cmos(RTC_B), second, year, month, day, hour, minute;

	do {
		second = cmos(0);
		minute = number(cmos(2), b);
		hour = hours(cmos(4), b);
		day = number(cmos(7), b);
		month = number(cmos(8), b);
		year = 2000 + number(cmos(9), b);
	} while (second != cmos(0));
	return ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + number(second, b);
}

/* A reading of the timer and the TSC at the same moment. */
struct sample {
	u64 tsc;
	u32 ticks;
};

static u32 pit_read(u16 port)
{
	u32 low;

	outb(PORT_PIT_MODE, PIT_CHANNEL2_LATCH);
	low = inb(port);
	return PIT_MASK - (low | (u32)inb(port) << 8); /* it counts down */
}

/* The best of some: a busy host may take the processor away between two instructions. */
static struct sample sample_take(u32 (*read)(u16 port), u16 port)
{
	struct sample best = { 0 };
	u64 width = ~U64_C(0);

	for (int i = 0; i < SAMPLE_TRIES; i++) {
		u64 before = rdtsc();
		u32 ticks = read(port);
		u64 after = rdtsc();

		if (after - before >= width)
			continue;
		width = after - before;
		best = (struct sample){ before + width / 2, ticks };
	}
	return best;
}

static u64 measure(u32 (*read)(u16 port), u16 port, u32 mask, u64 hz)
{
	struct sample start = sample_take(read, port), end;
	u64 ticks;

	do
		cpu_relax();
	while (((read(port) - start.ticks) & mask) < hz * MEASURE_MS / 1000);
	end = sample_take(read, port);
	ticks = (end.ticks - start.ticks) & mask;
	return (end.tsc - start.tsc) * hz / ticks / 1000;
}

static u32 pm_timer_read(u16 port) { return inl(port); }

u64 rtc_tsc_khz(u16 pm_timer)
{
	if (pm_timer)
		return measure(pm_timer_read, pm_timer, PM_TIMER_MASK, PM_TIMER_HZ);
	outb(PORT_B, (u8)((inb(PORT_B) & ~PORT_B_SPEAKER) | PORT_B_GATE2));
	outb(PORT_PIT_MODE, PIT_CHANNEL2_RATE);
	outb(PORT_PIT_CHANNEL2, 0);
	outb(PORT_PIT_CHANNEL2, 0);
	return measure(pit_read, PORT_PIT_CHANNEL2, PIT_MASK, PIT_HZ);
}
