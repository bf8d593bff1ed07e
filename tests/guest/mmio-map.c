/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device that several processors map at once: who is given the address may use it at once. And
 * where the host says that one is, beyond the addresses that there are, it is not looked for: the
 * page tables would find another place.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --smp=4 --accel=tcg,thread=multi %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * CHECK: beyond what there is: refused
 * CHECK-NEXT: 300 pages, at once: read
 */
#include <stdio.h>

#include "early/platform.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "mm/mm.h"

#define PAGES 300
#define FIRST (MM_IDENTITY_END - BIT(30)) /* where nothing is */

static u32 at[PAGES]; /* processors that are there */
static u32 failed;

static void map_all(void *unused)
{
	(void)unused;
	for (unsigned int i = 0; i < PAGES; i++) {
		volatile u32 *page;

		__atomic_add_fetch(&at[i], 1, __ATOMIC_SEQ_CST);
		while (__atomic_load_n(&at[i], __ATOMIC_SEQ_CST) < smp_count())
			cpu_relax();
		page = mmio_map(pa(FIRST + i * PAGE_SIZE), PAGE_SIZE);
		if (page)
			(void)*page;
		else
			__atomic_store_n(&failed, 1, __ATOMIC_RELAXED);
	}
}

/* The last page that there is; a bit of the page tables' own, another half of addresses, a wrap. */
static bool are_refused(void)
{
	const u64 beyond[] = { BIT(platform.address_width), MM_IDENTITY_END, BIT(48) + 0x10000000,
			       platform.private_mask + 0xfed00000, ~U64_C(0xfff) };

	for (size_t i = 0; i < array_count(beyond); i++)
		if (beyond[i] > BIT(40) && mmio_map(pa(beyond[i]), PAGE_SIZE))
			return false;
	return !mmio_map(pa(MM_IDENTITY_END - PAGE_SIZE), 2 * PAGE_SIZE);
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	printf("beyond what there is: %s\n", are_refused() ? "refused" : "mapped");
	if (mm_reaches(FIRST + PAGES * PAGE_SIZE))
		smp_run(map_all, NULL);
	printf("%d pages, at once: %s\n", PAGES, failed ? "not mapped" : "read");
	return 0;
}

DEFINE_WORKLOAD("test", "maps devices on several processors", test);
