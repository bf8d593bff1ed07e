/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way into and out of a trap of a guest with restricted injection. Before IRET turns interrupts
 * on the page is looked at for one that came while they were off. A #HV that comes between the look
 * and the IRET makes it void: up to hv_return_iret everything is begun anew, so nothing above RSP
 * is given up before; and that one instruction is kernel/hv.c's to see.
 */
#include "early/percpu.h"
#include "lib/trap_frame.h"

	.section .text.hv_return, "ax"
	.globl	hv_trap_entry, hv_return, hv_return_iret
	.hidden	hv_trap_entry, hv_return, hv_return_iret
	.type	hv_trap_entry, @function
hv_trap_entry:
	subq	$8, %rsp
	call	hv_take
	addq	$8, %rsp
	testq	%rax, %rax
	jnz	1f
	ret
1:	movq	%rax, %rsp
hv_return:
	movq	%gs:PERCPU_DOORBELL, %rax
	cmpb	$0, (%rax)
	je	2f
	movq	%rsp, %rdi
	call	hv_deliver
	jmp	hv_return
2:	movq	TF_R15(%rsp), %r15
	movq	TF_R14(%rsp), %r14
	movq	TF_R13(%rsp), %r13
	movq	TF_R12(%rsp), %r12
	movq	TF_R11(%rsp), %r11
	movq	TF_R10(%rsp), %r10
	movq	TF_R9(%rsp), %r9
	movq	TF_R8(%rsp), %r8
	movq	TF_RDI(%rsp), %rdi
	movq	TF_RSI(%rsp), %rsi
	movq	TF_RBP(%rsp), %rbp
	movq	TF_RBX(%rsp), %rbx
	movq	TF_RDX(%rsp), %rdx
	movq	TF_RCX(%rsp), %rcx
	movq	TF_RAX(%rsp), %rax
	addq	$TF_RIP, %rsp
hv_return_iret:
	iretq
	.size	hv_trap_entry, . - hv_trap_entry
