/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each request of fw_cfg's DMA is done or answered with the error bit, as by QEMU's own: with its
 * structure or its buffer over the end of a page, in a hole, at the end of addresses, and where the
 * host sees nothing. And the items that QEMU's has, and the clock's index port, read as there.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t | FileCheck %s
 * RUN: %run-guest --platform=plain --mode=emulate %t | FileCheck %s
 * RUN: %run-guest --platform=sev %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s --check-prefixes=CHECK,PRIVATE
 * RUN: %run-guest --platform=tdx %t | FileCheck %s --check-prefixes=CHECK,PRIVATE
 * CHECK: structure: inside 0 QEMU, over a page 0 QEMU, its first word over a page 0 QEMU
 * CHECK-NEXT: buffer: over a page 0 QEMU, in a hole 1, over the last address 1
 * CHECK-NEXT: lost: nobody to tell, and the next one 0 QEMU
 * CHECK-NEXT: write: 1, of nothing 0
 * CHECK-NEXT: word: over two ports 0x{{[0-9a-f]*}}ff
 * CHECK-NEXT: items: id 0x3, graphics {{0|0x1}}, processors 1 of 1, menu 0, IRQ 0 by 1, RAM: some
 * PRIVATE: private: the structure's end 1, the buffer 1
 * CHECK: exit status 0
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "../Inputs/must.h"
#include "abi/firmware.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/mm.h"
#include "mm/visibility.h"
#include "paravirt/pv_ops.h"

#define HOLE      U64_C(0xd0000000000) /* above RAM, on every machine */
#define LAST      U64_C(0xfffffffffffffff8)
#define INDEX     0x70
#define READ_NAME ((u32)FW_CFG_SIGNATURE << 16 | FW_CFG_DMA_SELECT | FW_CFG_DMA_READ)

static u8 *shared; /* two pages; a private one behind them */

static void start(u64 gpa)
{
	pv_io_out(PORT_FW_CFG_DMA, 4, __builtin_bswap32((u32)(gpa >> 32)));
	pv_io_out(PORT_FW_CFG_DMA + 4, 4, __builtin_bswap32((u32)gpa));
}

/* The answer: 0, FW_CFG_DMA_ERROR, or the request, where there was none. */
static u32 dma(u8 *at, u32 control, u64 address, u32 length)
{
	struct fw_cfg_dma request = { __builtin_bswap32(control), __builtin_bswap32(length),
				      __builtin_bswap64(address) };
	u32 answer;

	memcpy(at, &request, sizeof(request));
	__asm__ volatile("" : : : "memory");
	start(pa_of(at).value);
	__asm__ volatile("" : : : "memory");
	memcpy(&answer, at, sizeof(answer));
	return __builtin_bswap32(answer);
}

static void name_by(const char *what, u8 *at, u8 *buffer)
{
	u32 answer;

	memset(buffer, '-', 4);
	answer = dma(at, READ_NAME, pa_of(buffer).value, 4);
	printf("%s %u %.4s", what, (unsigned int)answer, (const char *)buffer);
}

static void structures(void)
{
	u8 *end = shared + PAGE_SIZE;

	name_by("structure: inside", shared, shared + 64);
	name_by(", over a page", end - 6, shared + 64);
	name_by(", its first word over a page", end - 2, shared + 64);
	name_by("\nbuffer: over a page", shared, end - 1);
	printf(", in a hole %u, over the last address %u\n",
	       (unsigned int)dma(shared, READ_NAME, HOLE, 4),
	       (unsigned int)dma(shared, READ_NAME, LAST, 64));
	start(HOLE);
	start(LAST);
	start(HOLE - 8);
	name_by("lost: nobody to tell, and the next one", shared, shared + 64);
	printf("\nwrite: %u, of nothing %u\n",
	       (unsigned int)dma(shared,
				 (u32)FW_CFG_UUID << 16 | FW_CFG_DMA_SELECT | FW_CFG_DMA_WRITE,
				 pa_of(shared + 64).value, 4),
	       (unsigned int)dma(shared, FW_CFG_DMA_WRITE, pa_of(shared + 64).value, 0));
}

static u64 item(u16 key)
{
	u8 *to = shared + 64;
	u64 value;

	memset(to, 0, sizeof(value));
	if (dma(shared, (u32)key << 16 | FW_CFG_DMA_SELECT | FW_CFG_DMA_READ, pa_of(to).value,
		sizeof(value)))
		return ~U64_C(0);
	memcpy(&value, to, sizeof(value));
	return value;
}

static void items(void)
{
	u64 ram = item(FW_CFG_RAM_SIZE);

	pv_io_out(INDEX, 1, 0);
	printf("word: over two ports %#x\n", (unsigned int)pv_io_in(INDEX, 2));
	printf("items: id %#lx, graphics %#lx, processors %lu of %lu, menu %lu, IRQ 0 by %lu, RAM: %s\n",
	       item(FW_CFG_INTERFACE), item(FW_CFG_NOGRAPHIC), item(FW_CFG_CPU_COUNT),
	       item(FW_CFG_CPU_MAX), item(FW_CFG_BOOT_MENU), item(FW_CFG_IRQ0_OVERRIDE),
	       ram >> 24 && !(ram % PAGE_SIZE) ? "some" : "none");
}

static void private_memory(void)
{
	u8 *end = shared + 2 * PAGE_SIZE - sizeof(u32);
	u32 control = __builtin_bswap32(READ_NAME);

	memcpy(end, &control, sizeof(control));
	__asm__ volatile("" : : : "memory");
	start(pa_of(end).value);
	__asm__ volatile("" : : : "memory");
	memcpy(&control, end, sizeof(control));
	printf("private: the structure's end %u, the buffer %u\n",
	       (unsigned int)__builtin_bswap32(control),
	       (unsigned int)dma(shared, READ_NAME, pa_of(shared + 2 * PAGE_SIZE).value, 4));
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	shared = memalign(PAGE_SIZE, 3 * PAGE_SIZE);
	MUST(shared);
	memset(shared, 0, 3 * PAGE_SIZE);
	MUST(!set_memory_decrypted(va_of(shared), 2));
	structures();
	items();
	private_memory();
	return 0;
}

DEFINE_WORKLOAD("test", "asks fw_cfg in all ways", test);
