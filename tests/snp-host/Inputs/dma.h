/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device that writes memory: QEMU's edu, whose buffer is given a word and then written out.
 * Spec: QEMU, docs/specs/edu.
 */
#pragma once

#include "abi/bits.h"
#include "mm/mm.h"
#include "psp.h"

#define EDU_ID        0x11e81234
#define EDU_DMA_FROM  0x80
#define EDU_DMA_TO    0x88
#define EDU_DMA_COUNT 0x90
#define EDU_DMA_DO    0x98 /* bit 0 is set until it is done */
#define EDU_DO_READ   1
#define EDU_DO_WRITE  3
#define EDU_BUFFER    0x40000

#define DMA_WORD 0x554d4551

static inline volatile u8 *edu_find(void)
{
	for (u32 slot = 0; slot < 32; slot++)
		if (pci_at(slot, 0) == EDU_ID) {
			pci_set(slot, 4, 6); /* memory, bus master */
			return mmio_map(pa(pci_at(slot, 0x10) & ~0xfU), PAGE_SIZE);
		}
	return NULL;
}

static inline void edu_do(volatile u8 *edu, u64 from, u64 to, u32 what)
{
	*(volatile u32 *)(edu + EDU_DMA_FROM) = (u32)from;
	*(volatile u32 *)(edu + EDU_DMA_TO) = (u32)to;
	*(volatile u32 *)(edu + EDU_DMA_COUNT) = 4;
	*(volatile u32 *)(edu + EDU_DMA_DO) = what;
	while (*(volatile u32 *)(edu + EDU_DMA_DO) & 1)
		cpu_relax();
}

/* False: there is no such device. */
static inline bool dma_write_word(u64 pa)
{
	static const u32 word = DMA_WORD;
	volatile u8 *edu = edu_find();

	if (!edu)
		return false;
	edu_do(edu, (u64)&word, EDU_BUFFER, EDU_DO_READ);
	edu_do(edu, EDU_BUFFER, pa, EDU_DO_WRITE);
	return true;
}
