/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The security processor, as a test commands it that is a host: found on bus 0, its BAR placed, its
 * mailbox written.
 */
#pragma once

#include "abi/psp.h"
#include "lib/cpu.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/phys.h"

#define PSP_BAR      0xe8000000
#define PSP_BAR_SIZE 0x100000
#define PCI_FUNCTION 0x14ca1022
#define MIB          0x100000

static union {
	struct sev_cmd_init init;
	struct sev_cmd_launch_start start;
	struct sev_cmd_activate activate;
	struct sev_cmd_guest guest;
	struct sev_cmd_memory memory;
	struct sev_cmd_debug debug;
	struct snp_cmd_page page;
	struct snp_cmd_init_ex init_ex;
	struct snp_cmd_launch_start snp_start;
	struct snp_cmd_activate snp_activate;
	struct snp_cmd_launch_update update;
	struct snp_cmd_launch_finish finish;
	struct snp_cmd_shutdown_ex shutdown;
	u8 bytes[PAGE_SIZE];
} psp_buffer __attribute__((aligned(PAGE_SIZE)));

static u32 pci_at(u32 slot, u32 offset)
{
	outl(0xcf8, BIT(31) | slot << 11 | offset);
	return inl(0xcfc);
}

static void pci_set(u32 slot, u32 offset, u32 value)
{
	outl(0xcf8, BIT(31) | slot << 11 | offset);
	outl(0xcfc, value);
}

static int psp_find(void)
{
	u32 slot = 0;

	while (pci_at(slot, 0) != PCI_FUNCTION)
		if (++slot == 32)
			return 1;
	pci_set(slot, 0x18, PSP_BAR);
	pci_set(slot, 4, 6);
	return pgtable_map(mm_pgtable(), va(PSP_BAR), pa(PSP_BAR), PSP_BAR_SIZE, PGTABLE_W);
}

/* Its status. Commands are done when the write is. */
static u32 psp_command(u32 id)
{
	u64 address = (u64)&psp_buffer;

	*(volatile u32 *)(PSP_BAR + PSP_REG_ADDR_LOW) = (u32)address;
	*(volatile u32 *)(PSP_BAR + PSP_REG_ADDR_HIGH) = (u32)(address >> 32);
	*(volatile u32 *)(PSP_BAR + PSP_REG_CMDRESP) = id << 16;
	return *(volatile u32 *)(PSP_BAR + PSP_REG_CMDRESP) & 0xffff;
}

#define ISSUE(id, member, ...)                                                                     \
	(psp_buffer.member = (typeof(psp_buffer.member))__VA_ARGS__, psp_command(id))

/* The firmware is initialised for SEV and SEV-ES, and all ASIDs are clean. */
static inline int psp_start(void)
{
	pa_t tmr;

	if (psp_find() || phys_alloc(8, &tmr) ||
	    ISSUE(0x01, init, { .flags = SEV_INIT_ES, .tmr_paddr = tmr.value, .tmr_length = MIB }))
		return 1;
	wbinvd();
	return (int)psp_command(0x0a);
}

/* A guest that has @asid; 0: none. */
static inline u32 psp_guest(u32 policy, u32 asid)
{
	u32 handle;

	if (ISSUE(0x30, start, { .policy = policy }))
		return 0;
	handle = psp_buffer.start.handle;
	return ISSUE(0x21, activate, { handle, asid }) ? 0 : handle;
}

static inline u32 psp_encrypt(u32 handle, u64 pa, u64 size)
{
	return ISSUE(0x31, memory, { .handle = handle, .paddr = pa, .length = (u32)size });
}

static inline u32 psp_debug(u32 id, u32 handle, const void *from, void *to)
{
	return ISSUE(id, debug, { handle, 0, (u64)from, (u64)to, PAGE_SIZE, 0 });
}
