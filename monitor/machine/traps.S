/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two sets of 256 stubs: the monitor's own traps, which all build a struct trap_frame, and the
 * ones in force while an interrupt is acknowledged, which only note the vector (see traps.h).
 */
#include "abi/x86.h"
#include "lib/trap_frame.h"
#include "monitor/machine/traps.h"

	.text
	.balign TRAP_STUB_SIZE
	.globl trap_stubs
trap_stubs:
	.set vector, 0
	.rept VEC_COUNT
	.balign TRAP_STUB_SIZE
	.if vector < 32 && ((VEC_HAS_ERROR_CODE >> vector) & 1)
	nop
	nop
	.else
	push $0
	.endif
	push $vector
	jmp trap_common
	.set vector, vector + 1
	.endr

trap_common:
	push %rax
	push %rcx
	push %rdx
	push %rbx
	push %rbp
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	push %r12
	push %r13
	push %r14
	push %r15
	cld
	mov %rsp, %rdi
	call trap_handle
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rbp
	pop %rbx
	pop %rdx
	pop %rcx
	pop %rax
	add $16, %rsp
	iretq

/*
 * What they interrupt is between STGI and CLGI below: RAX and RDX are the answer, nothing else
 * changes. IF stays off behind an interrupt, so that one is taken and no second; an NMI that comes
 * before HLT goes on behind it.
 */
	.balign TRAP_STUB_SIZE
	.globl ack_stubs
ack_stubs:
	.set vector, 0
	.rept VEC_COUNT
	.balign TRAP_STUB_SIZE
	.if vector == VEC_NMI
	jmp ack_nmi_taken
	.else
	mov $vector, %eax
	btrl $9, 16(%rsp)
	iretq
	.endif
	.set vector, vector + 1
	.endr

ack_nmi_taken:
	mov $1, %edx
	push %rax
	lea ack_wait_open(%rip), %rax
	cmp %rax, 8(%rsp)
	jb 1f
	lea ack_wait_end(%rip), %rax
	cmp %rax, 8(%rsp)
	ja 1f
	mov %rax, 8(%rsp)
1:	pop %rax
	iretq

	.macro ack_begin
	lidt ack_idt_register(%rip)
	mov $-1, %rax
	xor %edx, %edx
	cli
	stgi
	.endm

	.macro ack_end
	cli
	clgi
	lidt trap_idt_register(%rip)
	ret
	.endm

/*
 * struct ack ack_poll(void), ack_nmi(void), ack_wait(bool interrupts): let through what is pending,
 * or an NMI only, or halt for the next. Called with GIF=0.
 */
	.globl ack_poll
ack_poll:
	ack_begin
	sti
	nop
	nop
	ack_end

	.globl ack_nmi
ack_nmi:
	ack_begin
	nop
	nop
	ack_end

	.globl ack_wait
ack_wait:
	ack_begin
ack_wait_open:
	test %dil, %dil
	jz 1f
	sti
1:	hlt
ack_wait_end:
	ack_end
