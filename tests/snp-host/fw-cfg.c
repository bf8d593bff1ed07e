/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host finds no fw_cfg, by which the monitor got the processor's private keys: not its signature,
 * not its directory, neither by ports nor by its DMA, nor by an access that begins in front of it.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: %S/Inputs/run %build %t | FileCheck %s
 * CHECK: signature 0xffffffff, directory 0xffffffff
 * CHECK-NEXT: DMA 0xffffffff 0xffffffff, not done
 * CHECK-NEXT: from before it 0xffffffff, to behind it 0xffffffff
 * CHECK: QEMU's status 33
 */
#include <stdio.h>

#include "abi/firmware.h"
#include "kernel/workload.h"
#include "lib/addr.h"
#include "paravirt/pv_ops.h"

static u32 item(u16 key)
{
	u32 value = 0;

	pv_io_out(PORT_FW_CFG_SELECTOR, 2, key);
	for (int i = 0; i < 4; i++)
		value = value << 8 | (pv_io_in(PORT_FW_CFG_DATA, 1) & 0xff);
	return value;
}

static int workload(int argc, char **argv)
{
	static struct fw_cfg_dma dma __attribute__((aligned(16)));
	static u32 bytes;

	(void)argc, (void)argv;
	printf("signature %#x, directory %#x\n", item(FW_CFG_SIGNATURE), item(FW_CFG_DIRECTORY));
	dma.control =
		__builtin_bswap32(FW_CFG_DMA_SELECT | FW_CFG_DMA_READ | FW_CFG_SIGNATURE << 16);
	dma.length = __builtin_bswap32(sizeof(bytes));
	dma.address = __builtin_bswap64(pa_of(&bytes).value);
	pv_io_out(PORT_FW_CFG_DMA, 4, 0);
	pv_io_out(PORT_FW_CFG_DMA + 4, 4, __builtin_bswap32((u32)pa_of(&dma).value));
	printf("DMA %#x %#x, %s\n", pv_io_in(PORT_FW_CFG_DMA, 4), pv_io_in(PORT_FW_CFG_DMA + 4, 4),
	       bytes || !dma.control ? "done" : "not done");
	pv_io_out(PORT_FW_CFG_SELECTOR - 2, 4, (u32)FW_CFG_SIGNATURE << 16);
	printf("from before it %#x, to behind it %#x\n", pv_io_in(PORT_FW_CFG_SELECTOR - 2, 4),
	       pv_io_in(PORT_FW_CFG_DMA + 6, 4));
	return 0;
}

DEFINE_WORKLOAD("test", "looks for fw_cfg", workload);
