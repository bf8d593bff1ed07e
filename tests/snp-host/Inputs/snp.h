/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SNP guest of a test that is a host: the firmware is initialised, the guest's own image (sev.h)
 * and VMSAs are launched.
 */
#pragma once

#include "rmp.h"
#include "sev.h"

#define POLICY         0x30000
#define SYSCFG_SNP_ALL (SYSCFG_MEM_ENCRYPT | SYSCFG_SNP_EN | SYSCFG_VMPL_EN | SYSCFG_MFDM)

#define PAGE_NORMAL 1
#define PAGE_VMSA   2

#define PERMISSIONS_ALL 0xf

static void *gctx;

/* Before VM_HSAVE_PA is written. */
static inline int snp_init(void)
{
	return psp_find() || wrmsr_safe(MSR_SYSCFG, SYSCFG_SNP_ALL) ||
	       ISSUE(0x85, init_ex, { .flags = SNP_INIT_RMP });
}

/* The same, with ASIDs that are to be had, on the only processor. */
static inline int snp_start(void)
{
	if (snp_init())
		return 1;
	wbinvd();
	return (int)psp_command(0x84);
}

/* A guest that has @asid, in launch. */
static inline int snp_guest(u32 asid)
{
	gctx = page_new();
	if (!gctx || rmpupdate((u64)gctx, (struct rmp_state){ .assigned = 1, .immutable = 1 }) ||
	    ISSUE(0x93, page, { (u64)gctx }) ||
	    ISSUE(0xa0, snp_start, { .gctx_paddr = (u64)gctx, .policy = POLICY }))
		return 1;
	return (int)ISSUE(0x91, snp_activate, { (u64)gctx, asid, 0 });
}

/* Gives the page at @pa to it, with what is there, for VMPL 0 and 1. */
static inline u32 snp_add(u64 pa, u64 gpa, u32 asid, u32 type, bool large)
{
	const struct rmp_state state = { gpa, 1, large, 1, 0, asid };
	u32 status = rmpupdate(pa, state);

	return status ? status
		      : ISSUE(0xa1, update,
			      { .gctx_paddr = (u64)gctx,
				.flags = (u32)large | type << 1,
				.page_paddr = pa,
				.vmpl_permissions = { PERMISSIONS_ALL } });
}

/* sev_image() of an SNP guest. */
static inline int snp_image(u32 asid)
{
	u64 copy = image_copy();

	return !copy || snp_add(copy, IMAGE, asid, PAGE_NORMAL, true);
}
