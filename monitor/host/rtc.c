/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See rtc.h. The TSC is measured against channel 2 of the PIT, gated by port 61h, for 4 ms
 * at a time.
 */
#include "monitor/host/rtc.h"

#include "lib/cpu.h"

#define PORT_CMOS_INDEX      0x70
#define PORT_CMOS_DATA       0x71
#define PORT_PIT_CHANNEL2    0x42
#define PORT_PIT_MODE        0x43
#define PORT_B               0x61
#define PORT_B_GATE2         0x01
#define PORT_B_SPEAKER       0x02
#define PORT_B_OUT2          0x20
#define PIT_CHANNEL2_ONESHOT 0xb0 /* mode 0, both bytes */
#define PIT_HZ               1193182
#define MEASURE_MS           4
#define TRIES_MAX            64
#define DOUBT_DIVISOR        2048

static unsigned int cmos(u8 index)
{
	unsigned int value;

	outb(PORT_CMOS_INDEX, index);
	value = inb(PORT_CMOS_DATA);
	return (value >> 4) * 10 + (value & 0xf);
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
	unsigned int second, year, month, day, hour, minute;

	do {
		second = cmos(0);
		minute = cmos(2);
		hour = cmos(4);
		day = cmos(7);
		month = cmos(8);
		year = 2000 + cmos(9);
	} while (second != cmos(0));
	return ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
}

/* One measurement: ticks in MEASURE_MS, and how many of them are in doubt. */
static u64 measure(u64 *doubt)
{
	u16 count = PIT_HZ * MEASURE_MS / 1000;
	u64 start, started, before, now;

	outb(PORT_PIT_MODE, PIT_CHANNEL2_ONESHOT);
	outb(PORT_PIT_CHANNEL2, (u8)count);
	start = rdtsc();
	outb(PORT_PIT_CHANNEL2, (u8)(count >> 8)); /* starts it */
	started = now = rdtsc();
	do {
		before = now;
		if (inb(PORT_B) & PORT_B_OUT2)
			break;
		now = rdtsc();
	} while (now - start < U64_C(1) << 32);
	now = rdtsc();
	*doubt = started - start + now - before;
	return now - start;
}

/* On a busy machine an emulator loses its processor between two reads: the best try counts. */
u64 rtc_tsc_khz(void)
{
	u64 best = 0, best_doubt = ~U64_C(0);

	outb(PORT_B, (u8)((inb(PORT_B) & ~PORT_B_SPEAKER) | PORT_B_GATE2));
	for (unsigned int i = 0; i < TRIES_MAX && best_doubt > best / DOUBT_DIVISOR; i++) {
		u64 doubt, ticks = measure(&doubt);

		if (doubt < best_doubt) {
			best = ticks;
			best_doubt = doubt;
		}
	}
	return best / MEASURE_MS;
}
