/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device that writes memory: QEMU's fw_cfg, which writes its signature.
 */
#pragma once

#include "abi/firmware.h"
#include "lib/cpu.h"

/* What it writes, as a number. */
#define DMA_SIGNATURE 0x554d4551

static inline void dma_write_signature(u64 pa)
{
	static struct fw_cfg_dma dma;

	dma = (struct fw_cfg_dma){ __builtin_bswap32(FW_CFG_SIGNATURE << 16 | FW_CFG_DMA_SELECT |
						     FW_CFG_DMA_READ),
				   __builtin_bswap32(4), __builtin_bswap64(pa) };
	outl(PORT_FW_CFG_DMA, 0);
	outl(PORT_FW_CFG_DMA + 4, __builtin_bswap32((u32)(u64)&dma));
	while (*(volatile u32 *)&dma.control)
		;
}
