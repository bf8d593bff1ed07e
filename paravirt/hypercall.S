/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values of hook `hypercall` (paravirt/host.h): KVM's register convention outside, C's
 * inside, so that an unpatched site may stand for one instruction.
 */
#include "abi/kvm_para.h"

.macro FUNCTION name
	.text
	.balign 16
	.globl \name
	.hidden \name
	.type \name, @function
\name:
.endm

/* What C may change and the hypercall must not; RAX is not among it. */
.macro PUSH_KEPT
	push %rbp
	mov %rsp, %rbp
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
.endm

.macro POP_KEPT
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rdx
	pop %rcx
	pop %rbp
.endm

FUNCTION hypercall_vmmcall
	vmmcall
	ret
.size hypercall_vmmcall, . - hypercall_vmmcall

FUNCTION hypercall_vmcall
	vmcall
	ret
.size hypercall_vmcall, . - hypercall_vmcall

FUNCTION hypercall_none
	mov $-KVM_ENOSYS, %rax
	ret
.size hypercall_none, . - hypercall_none

/* @function(number, RBX, RCX, RDX, RSI) */
.macro CALL_C function
	PUSH_KEPT
	mov %rsi, %r8
	mov %rax, %rdi
	mov %rbx, %rsi
	xchg %rdx, %rcx
	call \function
	POP_KEPT
	ret
.endm

FUNCTION hypercall_ghcb
	CALL_C hypercall_by_ghcb
.size hypercall_ghcb, . - hypercall_ghcb

FUNCTION hypercall_tdvmcall
	CALL_C hypercall_by_tdvmcall
.size hypercall_tdvmcall, . - hypercall_tdvmcall

/* Goes on to the platform's own way, with every register as it came. */
FUNCTION hypercall_early
	push %rax /* becomes the address to return to */
	PUSH_KEPT
	push %rax
	call hypercall_select
	mov %rax, 8(%rbp)
	pop %rax
	POP_KEPT
	ret
.size hypercall_early, . - hypercall_early

	.section .note.GNU-stack, "", @progbits
