/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A processor of a TD starts at the reset vector in 32-bit protected mode, with what the module
 * and the host tell it in its registers and nothing else.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../monitor/hardware/launch.c"
#include "../../monitor/hardware/tdx_launch.c"

int main(void)
{
	struct vmsa vmsa;

	memset(&vmsa, 0xa5, sizeof(vmsa));
	tdx_launch_vmsa(&vmsa, TDX_GPAW_52, 0x000806f8, 3, 0x809000);
	assert(vmsa.rip == 0xfffffff0 && vmsa.rflags == 2);
	assert(vmsa.rbx == 52 && vmsa.rcx == 0x809000 && vmsa.r8 == 0x809000);
	assert(vmsa.rdx == 0x000806f8 && vmsa.rsi == 3);
	assert(!vmsa.rax && !vmsa.rsp && !vmsa.rbp && !vmsa.rdi && !vmsa.r9 && !vmsa.r15);
	assert(vmsa.cr0 == 0x21 && vmsa.cr4 == 0x40 && !vmsa.cr3 && vmsa.efer == 0x901);
	assert(vmsa.cs.attrib == 0xc9b && vmsa.cs.limit == ~0U && !vmsa.cs.selector);
	assert(vmsa.ds.attrib == 0xc93 && vmsa.ss.limit == ~0U && !vmsa.ss.selector);
	assert(!vmsa.gs.selector && !vmsa.fs.base && vmsa.xcr0 == 1);
	assert(vmsa.gdtr.limit == 0xffff && !vmsa.gdtr.base);
	assert(!vmsa.idtr.limit && !vmsa.idtr.base);
	assert(vmsa.tr.limit == 0xffff && vmsa.tr.attrib == 0x8b && !vmsa.tr.selector);
	assert(vmsa.ldtr.limit == 0xffff && !(vmsa.ldtr.attrib & 0x80)); /* not usable */
	assert(vmsa.dr6 == 0xffff0ff0 && vmsa.dr7 == 0x400 && vmsa.sfmask == 0x20200);
	assert(vmsa.g_pat == 0x0007040600070406);
	return 0;
}
