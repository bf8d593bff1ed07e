/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See frame.h. The cipher is one in form: blocks of 16 bytes, tweaked by their address, so that
 * what is changed or moved without the key is noise. It is quick, and hides nothing from an enemy.
 */
#include "monitor/hardware/l1/frame.h"

#include "lib/cpu.h"
#include "monitor/hardware/l1/cpuid.h"
#include "monitor/hardware/l1/l1.h"
#include "monitor/hardware/nested/guest_trace.h"
#include "monitor/hardware/nested/space.h"
#include "monitor/machine/entry.h"
#include "monitor/machine/memory.h"
#include "monitor/machine/options.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/smp.h"

#define NO_KEY BIT(31) /* ... of the firmware's; but an ASID has always one */
#define MIX    U64_C(0x9e3779b97f4a7c15)

static u32 *frame_keys; /* of each frame: the number of the key that it is kept by; 0: none */
static u16 *foreign;    /* of each 2M: how many of its frames have one */
static u64 frame_count;
static u32 asid_keys[L1_ASID_COUNT + 1];
static u64 seed;

u32 l1_asid_count(void)
{
	int few = guest.inject[INJECT_ASIDS];

	return few > 0 && few < L1_MIN_SEV_ASID ? 2 * (u32)few : L1_ASID_COUNT;
}

u32 l1_sev_asid_first(void)
{
	int few = guest.inject[INJECT_ASIDS];

	return few > 0 && few < L1_MIN_SEV_ASID ? (u32)few + 1 : L1_MIN_SEV_ASID;
}

void l1_frame_init(u64 page_count)
{
	frame_count = page_count;
	frame_keys = memory_alloc(page_count * sizeof(*frame_keys));
	foreign = memory_alloc((page_count / PTE_COUNT + 1) * sizeof(*foreign));
	seed = rdtsc() * MIX;
	for (u32 asid = 1; asid <= L1_ASID_COUNT; asid++)
		l1_frame_key(asid, 0);
}

static u64 mix(u64 value)
{
	value *= MIX;
	return value ^ value >> 32;
}

/* Four rounds of a Feistel network, each of which is its own inverse. */
static void encipher(u64 *block, u64 tweak)
{
	u64 left = block[0], right = block[1];

	left ^= mix(right + tweak);
	right ^= mix(left ^ tweak);
	left ^= mix(right + tweak);
	right ^= mix(left ^ tweak);
	block[0] = left;
	block[1] = right;
}

static void decipher(u64 *block, u64 tweak)
{
	u64 left = block[0], right = block[1];

	right ^= mix(left ^ tweak);
	left ^= mix(right + tweak);
	right ^= mix(left ^ tweak);
	left ^= mix(right + tweak);
	block[0] = left;
	block[1] = right;
}

static void apply(u64 pa, u32 key, void (*cipher)(u64 *block, u64 tweak))
{
	const u64 of_key = mix(seed + key);

	for (u64 at = pa; key && at < pa + PAGE_SIZE; at += 2 * sizeof(u64))
		cipher((u64 *)at, mix(of_key + at));
}

void l1_frame_forget(u64 pa, u64 size)
{
	npt_unmap(&guest.npt, pa, size);
	nested_forget(pa, size);
}

static __attribute__((noinline)) void change(u64 pa, u32 *kept, u32 key)
{
	u16 *count = &foreign[pa / PAGE_2M_SIZE];

	l1_frame_forget(pa, PAGE_SIZE);
	smp_flush();
	apply(pa, *kept, encipher);
	apply(pa, key, decipher);
	*count = (u16)(*count - !!*kept + !!key);
	*kept = key;
}

/* What is kept by @key becomes what the host has, and devices, which come without a word. */
static void leave(u32 key)
{
	for (u64 frame = 0; frame < frame_count; frame++) {
		if (!foreign[frame / PTE_COUNT])
			frame |= PTE_COUNT - 1;
		else if (frame_keys[frame] == key)
			change(frame << PAGE_SHIFT, &frame_keys[frame], 0);
	}
}

void l1_frame_key(u32 asid, u32 key)
{
	u32 old = asid_keys[asid], now = key ? key : (u32)NO_KEY | asid;

	nested_flush_everywhere(asid);
	nested_trace_forget(asid);
	if (old && old != now)
		leave(old);
	asid_keys[asid] = now;
}

void *l1_frame(u64 pa, u32 asid)
{
	u32 key = asid ? asid_keys[asid] : 0, *kept = &frame_keys[pa >> PAGE_SHIFT];

	pa = align_down(pa, (u64)PAGE_SIZE);
	if (pa >> PAGE_SHIFT < frame_count && *kept != key)
		change(pa, kept, key);
	return host_pointer(pa);
}

void *l1_host_memory(u64 pa, u64 size)
{
	if (!l1_has(pa, size))
		return NULL;
	for (u64 p = pa; p < pa + size; p = align_down(p, (u64)PAGE_SIZE) + PAGE_SIZE)
		(void)l1_frame(p, 0);
	return host_pointer(pa);
}

bool l1_frame_is_plain_2m(u64 pa)
{
	return pa >> PAGE_SHIFT >= frame_count || !foreign[pa / PAGE_2M_SIZE];
}
