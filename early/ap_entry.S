/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From SIPI's real mode, our ROM's protected mode, or from a mailbox or a VMSA in long mode, to
 * ap_main() on final tables.
 * Nothing here exits on any platform, since a processor with encrypted state has no GHCB yet, but
 * by the GHCB MSR protocol who waits in es_ap_entry32.
 * Spec: APM2 16.5 (SIPI), 14.6 (long mode), 15.34 (the C-bit in CR3).
 */
#include "abi/firmware.h"
#include "abi/ghcb.h"
#include "abi/tdx.h"
#include "abi/x86.h"
#include "early/ap_entry.h"
#include "early/entry.h"

	.section .rodata.ap_trampoline, "a"
	.code16
	.globl	ap_trampoline, ap_trampoline_end
	.hidden	ap_trampoline, ap_trampoline_end
ap_trampoline:
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	ap_gdt_pointer - ap_trampoline
	movl	$(CR0_PE | CR0_ET), %eax	/* caches on too, which INIT leaves off */
	movl	%eax, %cr0
	ljmpl	$SEL_CODE32, $ap_entry32
	.balign	4
ap_gdt_pointer:
	.short	4 * 8 - 1
	.long	early_gdt
ap_trampoline_end:

	.section .text.entry32, "ax"
	.code32
/*
 * From a launcher without firmware, by its note: as at the PVH entry, at the first SIPI. Whoever
 * finds no gate open waits to be started again.
 */
	.globl	es_ap_entry32
	.hidden	es_ap_entry32
es_ap_entry32:
	cmpl	$ROM_GATE_OPEN_LOW, ap_gate
	jne	1f
	cmpl	$ROM_GATE_OPEN_HIGH, ap_gate + 4
	je	rom_ap_entry32
1:	movl	$MSR_GHCB, %ecx
	movl	$GHCB_MSR_SEV_INFO_REQ, %eax
	xorl	%edx, %edx
	wrmsr
	rep; vmmcall			/* VMGEXIT */
	rdmsr
	shrl	$16, %edx
	cmpl	$2, %edx		/* in version 1 a hold needs a page: GHCB 2.3.1 */
	jb	2f
	movl	$GHCB_MSR_AP_RESET_HOLD_REQ, %eax
	xorl	%edx, %edx
	wrmsr
	rep; vmmcall
	jmp	es_ap_entry32
2:	hlt				/* for good */
	jmp	2b

/* From the ROM, by its gate or its mailbox: flat segments of its own. */
	.globl	rom_ap_entry32
	.hidden	rom_ap_entry32
rom_ap_entry32:
	lgdt	early_gdt_pointer
	ljmp	$SEL_CODE32, $ap_entry32

ap_entry32:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	ap_start + AP_START_CR4, %eax
	movl	%eax, %cr4
	movl	ap_start + AP_START_CR3, %eax	/* without C-bit: a walk is always private */
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	movl	%eax, %ebx
	orl	$(EFER_LME | EFER_NXE), %eax
	cmpl	%eax, %ebx		/* a TD has both, and may not write it */
	je	1f
	wrmsr
1:	movl	$(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG), %eax
	movl	%eax, %cr0
	ljmp	$SEL_CODE64, $ap_entry64

	.code64
	.globl	ap_entry64
	.hidden	ap_entry64
ap_entry64:
	cli
	cld
	movl	$MSR_EFER, %ecx		/* written only to change it: the rule of TDX */
	rdmsr
	movl	%eax, %ebx
	orl	$EFER_NXE, %eax
	cmpl	%eax, %ebx
	je	1f
	wrmsr
1:	movq	%cr4, %rbx
	movq	ap_start + AP_START_CR4(%rip), %rax
	xorq	%rax, %rbx
	testl	$CR4_LA57, %ebx		/* cannot change in long mode: not one of ours */
	jnz	2f
	movq	%rax, %cr4		/* without PGE: nothing of the firmware's TLB stays */
	movq	ap_start + AP_START_CR3(%rip), %rax
	movq	%rax, %cr3
	movl	$(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG), %eax
	movq	%rax, %cr0
	xorl	%eax, %eax
	xchgq	%rax, ap_start + AP_START_STACK(%rip)
	testq	%rax, %rax
	jz	2f
	movq	%rax, %rsp
	lgdt	early_gdt_pointer(%rip)
	pushq	$SEL_CODE64
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
1:	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	xorl	%ebp, %ebp
	popq	%rdi			/* its number, which came with the stack */
	pushq	%rbp			/* a backtrace ends here */
	jmp	ap_main

/*
 * Nobody waits for this one: it came too late, or its page tables have another depth. In a TD, HLT
 * would be a #VE, for which there is no handler here, nor a stack for a call: TDVMCALL<HLT>, for as
 * long as the host likes.
 */
2:	cli
	cmpl	$0, entry_record + ENTRY_TDX(%rip)
	jne	3f
	hlt
	jmp	2b
3:	movl	$TDG_VP_VMCALL, %eax
	movl	$(TDVMCALL_REG_R10 | TDVMCALL_REG_R11 | TDVMCALL_REG_R12), %ecx
	movl	$TDVMCALL_STANDARD, %r10d
	movl	$TDVMCALL_HLT, %r11d
	movl	$1, %r12d		/* interrupts are off */
	.byte	0x66, 0x0f, 0x01, 0xcc	/* TDCALL */
	jmp	3b

	.section .data.ap_start, "aw"
	.balign	8
	.globl	ap_start
	.hidden	ap_start
ap_start:
	.skip	AP_START_SIZE
	.globl	ap_gate
	.hidden	ap_gate
ap_gate:
	.skip	8

	.section .bss.ap_mailbox, "aw", @nobits
	.balign	PAGE_SIZE
	.globl	ap_mailbox
	.hidden	ap_mailbox
ap_mailbox:
	.skip	PAGE_SIZE
