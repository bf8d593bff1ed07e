/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two sets of 256 stubs: the monitor's own traps, which all build a struct trap_frame, and the
 * ones in force while an interrupt is acknowledged, which only note the vector (see traps.h).
 */
#include "abi/x86.h"
#include "lib/trap_frame.h"
#include "monitor/host/traps.h"

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

	.balign TRAP_STUB_SIZE
	.globl ack_stubs
ack_stubs:
	.set vector, 0
	.rept VEC_COUNT
	.balign TRAP_STUB_SIZE
	/* IF stays off in the frame, so that one interrupt is taken and no second. */
	movw $vector, ack_vector(%rip)
	btrl $9, 16(%rsp)
	iretq
	.set vector, vector + 1
	.endr

/*
 * int ack_poll(void), int ack_wait(void): let one pending (or the next) interrupt through and
 * return its vector, or -1. Called with GIF=0.
 */
	.globl ack_poll
ack_poll:
	lidt ack_idt_register(%rip)
	movw $-1, ack_vector(%rip)
	cli
	stgi
	sti
	nop
	nop
	cli
	clgi
	lidt trap_idt_register(%rip)
	movswl ack_vector(%rip), %eax
	ret

	.globl ack_wait
ack_wait:
	lidt ack_idt_register(%rip)
	movw $-1, ack_vector(%rip)
	cli
	stgi
	sti
	hlt
	cli
	clgi
	lidt trap_idt_register(%rip)
	movswl ack_vector(%rip), %eax
	ret

	.bss
	.balign 8
ack_vector:
	.skip 8
