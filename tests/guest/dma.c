/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device writes into a page that the guest shared, before the guest has touched it there,
 * is what the guest then reads: nothing that sharing does to the page comes later.
 * The device is QEMU's for lessons, which copies: registers from 0x80 on, 4 KiB of its own at
 * 0x40000.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --qemu "-device edu" %t | FileCheck %s
 * RUN: %run-guest --platform=sev --qemu "-device edu" %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es --qemu "-device edu" %t | FileCheck %s
 * RUN: %run-guest --platform=snp --qemu "-device edu" %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --qemu "-device edu" %t | FileCheck %s
 *
 * CHECK: the device's words: 511 of 511
 * CHECK: exit status 0
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "abi/x86.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/visibility.h"

#define PORT_PCI_ADDRESS 0xcf8
#define PORT_PCI_DATA    0xcfc
#define PCI_ENABLE       0x80000000
#define PCI_COMMAND      0x04
#define PCI_BAR          0x10
#define MEMORY_AND_DMA   0x06
#define EDU_ID           0x11e81234
#define EDU_SIZE         0x1000
#define EDU_BUFFER       0x40000

#define DMA_SOURCE  (0x80 / 8)
#define DMA_TARGET  (0x88 / 8)
#define DMA_COUNT   (0x90 / 8)
#define DMA_COMMAND (0x98 / 8)
#define RUN         1
#define TO_GUEST    2
#define POLLS_MAX   10000000
#define WORDS       511 /* to the end of its buffer it does not go */

static volatile u64 *edu;

static u32 config(u32 device, u32 offset)
{
	outl(PORT_PCI_ADDRESS, PCI_ENABLE | device | offset);
	return inl(PORT_PCI_DATA);
}

static bool find(void)
{
	for (u32 device = 0; device < 0x10000; device += 0x800) {
		if (config(device, 0) != EDU_ID)
			continue;
		config(device, PCI_COMMAND);
		outl(PORT_PCI_DATA, MEMORY_AND_DMA);
		edu = mmio_map(pa(config(device, PCI_BAR) & ~0xfu), EDU_SIZE);
		return true;
	}
	return false;
}

static bool copy(u64 from, u64 to, u64 direction)
{
	edu[DMA_SOURCE] = from;
	edu[DMA_TARGET] = to;
	edu[DMA_COUNT] = WORDS * sizeof(u64);
	edu[DMA_COMMAND] = RUN | direction;
	for (u32 i = 0; i < POLLS_MAX; i++)
		if (!(edu[DMA_COMMAND] & RUN))
			return true;
	return false;
}

static u64 right(const volatile u64 *words)
{
	u64 count = 0;

	for (u64 i = 0; i < WORDS; i++)
		count += words[i] == ~i;
	return count;
}

static int test(int argc, char **argv)
{
	u64 *page = memalign(PAGE_SIZE, PAGE_SIZE);
	u64 address = pa_of(page).value;

	(void)argc, (void)argv;
	if (!find() || set_memory_decrypted(va_of(page), 1))
		return 1;
	for (u64 i = 0; i < WORDS; i++)
		page[i] = ~i;
	if (!copy(address, EDU_BUFFER, 0) || set_memory_encrypted(va_of(page), 1))
		return 1;
	memset(page, 0x55, PAGE_SIZE);
	if (set_memory_decrypted(va_of(page), 1) || !copy(EDU_BUFFER, address, TO_GUEST))
		return 1;
	printf("the device's words: %lu of %d\n", right(page), WORDS);
	return 0;
}

DEFINE_WORKLOAD("test", "has a device write to shared memory", test);
