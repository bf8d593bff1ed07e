/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 256 equal stubs of TRAP_STUB_SIZE bytes, which all build the frame of lib/trap_frame.h and call
 * the handler with it: trap.h says which. The processor aligned the stack to 16 bytes, and TF_SIZE
 * keeps it so.
 */
#include "abi/x86.h"
#include "early/percpu.h"
#include "early/trap_stubs.h"
#include "lib/trap_frame.h"

	.section .text.trap_stubs, "ax"
	.balign	TRAP_STUB_SIZE
	.globl	trap_stubs
	.hidden	trap_stubs
trap_stubs:
	vector = 0
	.rept	VEC_COUNT
	.balign	TRAP_STUB_SIZE
	.if	vector >= 32 || !((VEC_HAS_ERROR_CODE >> vector) & 1)
	pushq	$0
	.endif
	pushq	$vector
	jmp	trap_common
	vector = vector + 1
	.endr

	.balign	16
trap_common:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rbx
	pushq	%rbp
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	cld
	movq	%rsp, %rdi
	cmpl	$0, %gs:PERCPU_STILL
	jne	1f
	call	*trap_handler(%rip)
	jmp	2f
1:	call	*trap_still_handler(%rip)
2:	cmpq	$VEC_NMI, TF_VECTOR(%rsp)
	je	leave_nmi
trap_return:
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rbp
	popq	%rbx
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$(TF_RIP - TF_VECTOR), %rsp
	iretq

/*
 * From here on another NMI may come: from the host, once it is told that this one is complete, or
 * by IRET. It takes the stack that this one is on, so that is left first: the rest is done below
 * whatever was interrupted.
 */
leave_nmi:
	movq	TF_RSP(%rsp), %rdi
	subq	$TF_SIZE, %rdi
	andq	$-16, %rdi
	movq	%rdi, %rax
	movq	%rsp, %rsi
	movl	$(TF_SIZE / 8), %ecx
	rep; movsq
	movq	%rax, %rsp
	call	trap_leave_nmi
	jmp	trap_return
