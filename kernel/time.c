/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TSC's rate, by the firmware with Secure TSC, by CPUID where it says so (in a TD it is the
 * module that does), else against the host's clock where there is one (it costs no exit), else
 * against channel 2 of the PIT, which needs no interrupt.
 * Spec: SDM3 20.7.3 (CPUID 0x15); KVM-MSR (kvmclock); Intel 8254; the PC's port 0x61.
 */
#include "kernel/time.h"
#include "kernel/timeline.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/irq.h"
#include "lib/spinlock.h"
#include "paravirt/pv_ops.h"
#include "paravirt/pv_pages.h"
#include "paravirt/snp.h"

#define PORT_PIT_CHANNEL2     0x42
#define PORT_PIT_COMMAND      0x43
#define PORT_SPEAKER          0x61
#define SPEAKER_GATE          0x01
#define SPEAKER_DATA          0x02
#define SPEAKER_OUT           0x20
#define PIT_CHANNEL2_ONE_SHOT 0xb0
#define PIT_HZ                1193182
#define CALIBRATE_MS          2
#define CALIBRATE_TRIES       5
#define POLL_MAX              100000  /* 2 ms, with much to spare: each may be an exit */
#define KHZ_UNKNOWN           1000000 /* when there is no PIT: prints ticks as nanoseconds */

static u64 tsc_khz;

/* Crystal's hertz times a fraction; 0 where any part of it is not given. */
static u64 rate_by_cpuid(void)
{
	struct cpuid_regs leaf;

	if (pv_cpuid(CPUID_VENDOR, 0).eax < CPUID_TSC)
		return 0;
	leaf = pv_cpuid(CPUID_TSC, 0);
	return leaf.eax ? (u64)leaf.ecx * leaf.ebx / leaf.eax / 1000 : 0;
}

/*
 * Ticks of the TSC in CALIBRATE_MS, or more: from before the count starts until it is seen to have
 * ended. 0 without a PIT.
 */
static u64 measure_by_pit_once(void)
{
	const u32 count = PIT_HZ / 1000 * CALIBRATE_MS;
	u8 speaker = (u8)(pv_io_in(PORT_SPEAKER, 1) & ~(SPEAKER_GATE | SPEAKER_DATA));
	u64 start;

	pv_io_out(PORT_SPEAKER, 1, speaker);
	pv_io_out(PORT_PIT_COMMAND, 1, PIT_CHANNEL2_ONE_SHOT);
	pv_io_out(PORT_PIT_CHANNEL2, 1, count & 0xff);
	pv_io_out(PORT_PIT_CHANNEL2, 1, count >> 8);
	start = rdtsc();
	pv_io_out(PORT_SPEAKER, 1, speaker | SPEAKER_GATE);
	for (int i = 0; i < POLL_MAX; i++)
		if (pv_io_in(PORT_SPEAKER, 1) & SPEAKER_OUT)
			return rdtsc() - start;
	return 0;
}

/* Whatever else the host does only makes a try longer, so the shortest is the best. */
static u64 measure_by_pit(void)
{
	u64 best = 0;

	for (int i = 0; i < CALIBRATE_TRIES; i++) {
		u64 ticks = measure_by_pit_once();

		if (!ticks)
			return 0;
		if (!best || ticks < best)
			best = ticks;
	}
	return best / CALIBRATE_MS;
}

struct clock_sample {
	u64 tsc;
	u64 ns;
};

/* Both clocks at one moment: the try whose reads lie closest together. */
static int sample_kvmclock(struct clock_sample *sample)
{
	u64 closest = ~U64_C(0);

	for (int i = 0; i < CALIBRATE_TRIES; i++) {
		u64 before = rdtsc(), ns, after;
		int err = kvmclock_read(&ns);

		if (err)
			return err;
		after = rdtsc();
		if (after - before < closest) {
			closest = after - before;
			*sample = (struct clock_sample){ before + closest / 2, ns };
		}
	}
	return 0;
}

/* 0 when the host's clock cannot be read, or stands still. */
static u64 measure_by_kvmclock(void)
{
	struct clock_sample start, end;

	if (sample_kvmclock(&start))
		return 0;
	for (int i = 0; i < POLL_MAX; i++) {
		if (sample_kvmclock(&end))
			return 0;
		if (end.ns - start.ns >= CALIBRATE_MS * U64_C(1000000))
			return (end.tsc - start.tsc) * 1000000 / (end.ns - start.ns);
	}
	return 0;
}

static u64 find_rate(void)
{
	u64 khz = secure_tsc_khz();

	if (!khz)
		khz = rate_by_cpuid();
	if (!khz)
		khz = measure_by_kvmclock();
	if (!khz)
		khz = measure_by_pit();
	return khz ? khz : KHZ_UNKNOWN;
}

/* There is one PIT, for one processor at a time; and all have the same rate for good. */
u64 time_tsc_khz(void)
{
	static struct spinlock lock;
	u64 flags;

	if (READ_ONCE(tsc_khz))
		return tsc_khz;
	flags = irq_save();
	spin_lock(&lock);
	if (!tsc_khz)
		WRITE_ONCE(tsc_khz, find_rate());
	spin_unlock(&lock);
	irq_restore(flags);
	return tsc_khz;
}

u64 time_tsc_to_ns(u64 ticks)
{
	u64 khz = time_tsc_khz();

	/* In two parts, so that years do not overflow. */
	return ticks / khz * 1000000 + ticks % khz * 1000000 / khz;
}

u64 time_ns(void) { return time_tsc_to_ns(rdtsc() - timeline_start()); }
