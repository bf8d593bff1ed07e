/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory by its keys, for a host that is this test and an SEV guest below it: what the guest writes
 * is noise for the host, for the guest itself without the C-bit, and for a guest with another key;
 * what the host changes in it garbles the 16 bytes around, and no more.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: %S/Inputs/run %build %t | FileCheck %s
 * CHECK: the guest's page is noise for its host, always the same
 * CHECK-NEXT: ... and for the guest without the C-bit
 * CHECK-NEXT: ... and for another ASID, and for its own when the key is gone
 * CHECK-NEXT: a block is garbled, its neighbours stay
 * CHECK-NEXT: what the guest shares is plain
 * CHECK-NEXT: the firmware decrypts by policy
 * CHECK-NEXT: a page moved is a page lost
 * CHECK-NEXT: what a guest has left is what a device writes
 * CHECK: QEMU's status 33
 */
#include "dma.h"
#include "sev.h"

#define ASID  101
#define VALUE U64_C(0x1122334455667788)

GUEST(code_write, "mov vm_area(%rip), %rbx\nmovabs $0x1122334455667788, %rax\nmov %rax, (%rbx)\n"
		  "mov %rax, 0x10(%rbx)\nvmmcall");
GUEST(code_read, "mov vm_area(%rip), %rbx\nmov (%rbx), %rax\nvmmcall");
GUEST(code_next, "mov vm_area(%rip), %rbx\nmov 0x10(%rbx), %rax\nvmmcall");
GUEST(code_read_shared, "mov vm_area(%rip), %rbx\nmov 0x40000000(%rbx), %rax\nvmmcall");
GUEST(code_write_shared, "mov vm_area(%rip), %rbx\nmovabs $0x1122334455667788, %rax\n"
			 "mov %rax, 0x40000000(%rbx)\nvmmcall");

static u32 handle, other;
static u64 copies[2];

/* What the guest's RAX is behind @text; 0: it came not to its end. */
static u64 run(void (*text)(void))
{
	sev_state(&vmcb->save, text);
	return vm_run() == SVM_EXIT_VMMCALL ? vmcb->save.rax : 0;
}

static int noise(volatile u64 *area)
{
	u64 seen;

	MUST(run(code_write) == VALUE);
	seen = *area;
	MUST(seen != VALUE && seen && area[2] != VALUE && area[2] != seen);
	MUST(run(code_read) == VALUE && *area == seen);
	printf("the guest's page is noise for its host, always the same\n");
	MUST(run(code_read_shared) == seen && run(code_read) == VALUE);
	printf("... and for the guest without the C-bit\n");
	return 0;
}

static int others(void)
{
	vmcb->control.asid = ASID + 1;
	npt[IMAGE / HUGE] = copies[1] | TABLE | PTE_PS;
	MUST(run(code_read) && vmcb->save.rax != VALUE);
	vmcb->control.asid = ASID;
	npt[IMAGE / HUGE] = copies[0] | TABLE | PTE_PS;
	vmcb->control.tlb_ctl = VMCB_TLB_FLUSH_ALL;
	MUST(run(code_read) == VALUE);
	vmcb->control.tlb_ctl = 0;
	MUST(!ISSUE(0x22, guest, { handle }));
	MUST(run(code_read) != VALUE);
	MUST(!ISSUE(0x21, activate, { handle, ASID }));
	MUST(run(code_read) == VALUE);
	printf("... and for another ASID, and for its own when the key is gone\n");
	return 0;
}

static int changed(volatile u64 *area)
{
	u64 seen = *area;

	area[1] ^= 1;
	MUST(run(code_read) != VALUE && run(code_next) == VALUE);
	area[1] ^= 1;
	MUST(run(code_read) == VALUE && *area == seen);
	printf("a block is garbled, its neighbours stay\n");
	MUST(run(code_write_shared) == VALUE && *area == VALUE);
	*area = 5;
	MUST(run(code_read_shared) == 5 && run(code_read) != 5);
	printf("what the guest shares is plain\n");
	return 0;
}

static int decrypted(u64 *area)
{
	u64 *plain = page_new();

	MUST(plain && run(code_write) == VALUE);
	MUST(!psp_debug(0x60, handle, area, plain) && plain[0] == VALUE && plain[2] == VALUE);
	MUST(!psp_debug(0x60, other, area, plain) && plain[0] != VALUE && plain[2] != VALUE);
	plain[0] = 77;
	MUST(!psp_debug(0x61, handle, plain, area) && run(code_read) == 77 && *area != 77);
	printf("the firmware decrypts by policy\n");
	MUST(run(code_write) == VALUE);
	memcpy(plain, area, PAGE);
	npt_small[0] = (u64)plain | TABLE;
	vmcb->control.tlb_ctl = VMCB_TLB_FLUSH_ALL;
	MUST(run(code_read) && vmcb->save.rax != VALUE);
	printf("a page moved is a page lost\n");
	return 0;
}

static int left(volatile u64 *area)
{
	npt_small[0] = vm_area | TABLE;
	vmcb->control.tlb_ctl = VMCB_TLB_FLUSH_ALL;
	MUST(run(code_write) == VALUE && !ISSUE(0x22, guest, { handle }));
	MUST(dma_write_word((u64)area) && *(volatile u32 *)area == DMA_WORD);
	printf("what a guest has left is what a device writes\n");
	return 0;
}

static int workload(int argc, char **argv)
{
	volatile u64 *area;

	(void)argc, (void)argv;
	if (vm_new() || psp_start())
		return 1;
	area = (volatile u64 *)vm_area;
	vmcb->control.nested_ctl |= VMCB_SEV;
	vmcb->control.asid = ASID;
	handle = psp_guest(0, ASID);
	other = psp_guest(0, ASID + 1);
	MUST(handle && other);
	copies[1] = sev_image(other);
	copies[0] = sev_image(handle);
	MUST(copies[0] && copies[1]);
	return noise(area) || others() || changed(area) || decrypted((u64 *)vm_area) || left(area);
}

DEFINE_WORKLOAD("test", "has a guest with a key", workload);
