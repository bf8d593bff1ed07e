/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device whose 64-bit BAR firmware laid as high as OVMF does, above what a host would map from
 * the start, answers there.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --rng %t | FileCheck %s
 * RUN: %run-guest --platform=sev --rng %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es --rng --trace %t.trace --trace-events=vmgexit %t | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE --input-file=%t.trace
 * RUN: %run-guest --platform=snp --rng --qemu "-machine q35" %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --rng %t | FileCheck %s
 *
 * CHECK: at 0x380000000000: it answers
 * CHECK-NEXT: at 0x3fffc0000000: it answers
 * CHECK: exit status 0
 * TRACE: vmgexit code=0x80000002 info1=0x380000000000 {{.*}}result=0 result=0x0
 */
#include <stdio.h>

#include "abi/x86.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/mm.h"

#define PORT_PCI_ADDRESS 0xcf8
#define PORT_PCI_DATA    0xcfc
#define PCI_ENABLE       0x80000000
#define PCI_COMMAND      0x04
#define PCI_BAR_4        0x20
#define MEMORY           0x02
#define RNG_ID           0x10441af4

/* The common configuration, VIRTIO 1.2 4.1.4.3: which 32 of the device's features, and these. */
#define FEATURE_SELECT 0
#define FEATURES       1
#define VERSION_1      1 /* in the second 32 */

static u32 device;

static void put(u32 offset, u32 value)
{
	outl(PORT_PCI_ADDRESS, PCI_ENABLE | device | offset);
	outl(PORT_PCI_DATA, value);
}

static bool find(void)
{
	for (device = 0; device < 0x10000; device += 0x800) {
		outl(PORT_PCI_ADDRESS, PCI_ENABLE | device);
		if (inl(PORT_PCI_DATA) == RNG_ID)
			return true;
	}
	return false;
}

static bool answers(u64 base)
{
	volatile u32 *reg;

	put(PCI_COMMAND, 0);
	put(PCI_BAR_4, (u32)base);
	put(PCI_BAR_4 + 4, (u32)(base >> 32));
	put(PCI_COMMAND, MEMORY);
	reg = mmio_map(pa(base), PAGE_SIZE);
	reg[FEATURE_SELECT] = 1;
	return reg[FEATURE_SELECT] == 1 && reg[FEATURES] & VERSION_1;
}

static int test(int argc, char **argv)
{
	static const u64 places[] = { 0x380000000000, 0x3fffc0000000 };

	(void)argc, (void)argv;
	if (!find())
		return 1;
	for (unsigned int i = 0; i < 2; i++)
		printf("at %#lx: %s\n", places[i], answers(places[i]) ? "it answers" : "nothing");
	return 0;
}

DEFINE_WORKLOAD("test", "moves a device's memory", test);
