/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TSC's rate, against channel 2 of the PIT, which needs no interrupt.
 * Spec: Intel 8254; the PC's port 0x61.
 */
#include "kernel/time.h"
#include "kernel/timeline.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define PORT_PIT_CHANNEL2     0x42
#define PORT_PIT_COMMAND      0x43
#define PORT_SPEAKER          0x61
#define SPEAKER_GATE          0x01
#define SPEAKER_DATA          0x02
#define SPEAKER_OUT           0x20
#define PIT_CHANNEL2_ONE_SHOT 0xb0
#define PIT_HZ                1193182
#define CALIBRATE_MS          5
#define POLL_MAX              10000000
#define KHZ_UNKNOWN           1000000 /* when there is no PIT: prints ticks as nanoseconds */

static u64 tsc_khz;

static u64 measure(void)
{
	const u32 count = PIT_HZ / 1000 * CALIBRATE_MS;
	u8 speaker = (u8)(pv_io_in(PORT_SPEAKER, 1) & ~(SPEAKER_GATE | SPEAKER_DATA));
	u64 start;

	pv_io_out(PORT_SPEAKER, 1, speaker);
	pv_io_out(PORT_PIT_COMMAND, 1, PIT_CHANNEL2_ONE_SHOT);
	pv_io_out(PORT_PIT_CHANNEL2, 1, count & 0xff);
	pv_io_out(PORT_PIT_CHANNEL2, 1, count >> 8);
	pv_io_out(PORT_SPEAKER, 1, speaker | SPEAKER_GATE);
	start = rdtsc();
	for (int i = 0; i < POLL_MAX; i++)
		if (pv_io_in(PORT_SPEAKER, 1) & SPEAKER_OUT)
			return (rdtsc() - start) / CALIBRATE_MS;
	return KHZ_UNKNOWN;
}

u64 time_tsc_khz(void)
{
	if (!tsc_khz)
		tsc_khz = measure();
	if (!tsc_khz)
		tsc_khz = KHZ_UNKNOWN;
	return tsc_khz;
}

u64 time_tsc_to_ns(u64 ticks)
{
	u64 khz = time_tsc_khz();

	/* In two parts, so that years do not overflow. */
	return ticks / khz * 1000000 + ticks % khz * 1000000 / khz;
}

u64 time_ns(void)
{
	unsigned int count;

	return time_tsc_to_ns(rdtsc() - timeline_steps(&count)[0].tsc);
}
