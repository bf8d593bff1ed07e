/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first page tables of C: all private but what devices have, the image in pages of its own;
 * the canary that goes with them is random wherever the C-bit might be a lie, and a guest that took
 * #VC although it has no C-bit ends.
 * RUN: %unit-cc %s -Wl,--defsym=__image_start=0x200000 -Wl,--defsym=__image_end=0x2c3000 -o %t
 */
#include <assert.h>
#include <setjmp.h>
#include <stdlib.h>

#include "lib/cpu.h"

static bool offers_rdrand, had_vc, has_numbers = true;
static u64 cr4;
static unsigned int flushes;

static bool fake_rdrand(u64 *value) { return *value = 0x1111222233334444, has_numbers; }

#define read_cr4()            cr4
#define invlpg(address)       (flushes += (address) != 0)
#define rdrand()              U64_C(0x5555666677778888)
#define rdrand_bounded(value) fake_rdrand(value)
#define cpuid_raw(leaf, sub)                                                                       \
	((struct cpuid_regs){ .ecx = offers_rdrand ? CPUID_FEATURES_ECX_RDRAND : 0 })
#include "../../early/early_pgtable.c"

static jmp_buf end;
static unsigned int reason;
static u64 loaded_cr3, loaded_canary;

noreturn_t panic(const char *fmt, ...) { (void)fmt, abort(); }
bool early_vc_is_seen(void) { return had_vc; }

noreturn_t ghcb_terminate(unsigned int why)
{
	reason = why;
	longjmp(end, 1);
}

void early_load_tables(u64 cr3, u64 *at, u64 value)
{
	assert(at == &canary);
	loaded_cr3 = cr3;
	loaded_canary = value;
}

/* The reason by which it ends, -1: it does not. */
static int init(u64 private, u64 shared)
{
	if (setjmp(end))
		return (int)reason;
	early_pgtable_init(private, shared);
	return -1;
}

static void test_canary(void)
{
	assert(init(0, 0) == -1 && !loaded_canary);
	offers_rdrand = true;
	assert(init(0, 0) == -1 && loaded_canary == 0x1111222233334444);
	has_numbers = false;
	assert(init(0, 0) == -1 && !loaded_canary);
	offers_rdrand = false;
	assert(init(BIT(51), 0) == -1 && loaded_canary == 0x5555666677778888);
	assert(init(0, BIT(47)) == -1 &&
	       !loaded_canary); /* a TD's tables are private as they are */
	had_vc = true;
	assert(init(0, 0) == TERM_CBIT);
	assert(init(BIT(51), 0) == -1);
	had_vc = false;
}

static void test_tables(u64 private, u64 shared)
{
	const u64 image = (0x200000 - FINE_START) / PAGE_SIZE, low = private | PTE_P | PTE_W;

	assert(init(private, shared) == -1);
	assert(pd[0] == (low | PTE_PS | PTE_NX) && pd[4] == (0x800000 | low | PTE_PS | PTE_NX));
	assert(pd[3 * PTE_COUNT] == (0xc0000000 | shared | PTE_P | PTE_W | PTE_PS | PTE_NX));
	assert(pt[image] == (0x200000 | low) && pd[1] == ((u64)(uintptr_t)pt | low));
	flushes = 0;
	early_pgtable_set_private(va(0x201000), 2, false);
	assert(pt[image] == (0x200000 | low) && pt[image + 3] == (0x203000 | low));
	assert(pt[image + 1] == (0x201000 | shared | PTE_P | PTE_W) && flushes == 2);
	early_pgtable_set_private(va(0x201000), 2, true);
	assert(pt[image + 1] == (0x201000 | low) && pt[image + 2] == (0x202000 | low));
	cr4 = CR4_LA57;
	assert(init(private, shared) == -1 && loaded_cr3 == ((u64)(uintptr_t)pml5 | private));
	cr4 = 0;
	assert(init(private, shared) == -1 && loaded_cr3 == ((u64)(uintptr_t)pml4 | private));
}

int main(void)
{
	test_canary();
	test_tables(BIT(51), 0);
	test_tables(0, BIT(47));
	return 0;
}
