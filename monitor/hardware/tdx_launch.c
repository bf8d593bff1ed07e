/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The start of a TD's processors: see tdx_launch.h.
 */
#include "monitor/hardware/tdx_launch.h"
#include "abi/x86.h"
#include "monitor/hardware/launch.h"

#define LIMIT_TABLE  0xffff
#define ATTRIB_NONE  0x0002     /* an LDT that is not there */
#define SFMASK_RESET 0x00020200 /* VM, IF */

void tdx_launch_vmsa(struct vmsa *vmsa, unsigned int gpaw, u32 fms, u32 index, u64 hob)
{
	launch_vmsa_pvh(vmsa, TDX_RESET_VECTOR, gpaw);
	vmsa->cs.selector = 0;
	vmsa->ds.selector = 0;
	vmsa->es = vmsa->ss = vmsa->fs = vmsa->gs = vmsa->ds;
	vmsa->gdtr.limit = LIMIT_TABLE;
	vmsa->idtr.limit = 0; /* the first exception before there is a table ends the TD */
	vmsa->ldtr.attrib = ATTRIB_NONE;
	vmsa->tr.limit = LIMIT_TABLE;
	vmsa->cr0 = TDX_CR0_FIXED_1;
	vmsa->cr4 = TDX_CR4_FIXED_1;
	vmsa->efer = EFER_SCE | EFER_LME | EFER_NXE;
	vmsa->sfmask = SFMASK_RESET;
	vmsa->rcx = hob;
	vmsa->r8 = hob;
	vmsa->rdx = fms;
	vmsa->rsi = index;
}
