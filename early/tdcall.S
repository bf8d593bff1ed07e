/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one call macro for the TDX module (early/tdcall.h).
 *
 *           TDCALL                      SEAMCALL
 *  reg      in           out            in           out
 *  RAX      leaf         status         leaf         status
 *  RCX      args         args           args         args      TDVMCALL: mask of the registers
 *  RDX      args         args           args         args                that the host sees
 *  R8-R9    args         args           args         args
 *  R10      args         args           args         args      TDVMCALL: 0 or number; status
 *  R11      args         args           args         args      TDVMCALL: sub-function; result
 *  R12-R15  args         args           args         args
 *  RBX      args         args           args         args
 *  RSI RDI  args         args           args         args
 *  RBP      0            (any)          0            (any)     older modules change it
 *  RSP      kept         kept           kept         kept
 *  XMM...   kept         kept           kept         kept      never in a mask of ours
 *
 * Every register is loaded from args, so that none holds what the other side is not meant to see;
 * afterwards none holds what it left. RBP's value is on the stack and nothing relies on it.
 */
#include "early/tdcall.h"

#define EXTABLE_VECTOR_MASK 0xff

/* @bytes: the instruction, as assemblers that do not know it take it */
.macro TDX_MODULE_CALL name, bytes:vararg
	.text
	.balign	16
	.globl	\name
	.hidden	\name
	.type	\name, @function
\name:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rsi
	movq	%rdi, %rax
	movq	TDX_ARGS_RCX(%rsi), %rcx
	movq	TDX_ARGS_RDX(%rsi), %rdx
	movq	TDX_ARGS_R8(%rsi), %r8
	movq	TDX_ARGS_R9(%rsi), %r9
	movq	TDX_ARGS_R10(%rsi), %r10
	movq	TDX_ARGS_R11(%rsi), %r11
	movq	TDX_ARGS_R12(%rsi), %r12
	movq	TDX_ARGS_R13(%rsi), %r13
	movq	TDX_ARGS_R14(%rsi), %r14
	movq	TDX_ARGS_R15(%rsi), %r15
	movq	TDX_ARGS_RBX(%rsi), %rbx
	movq	TDX_ARGS_RDI(%rsi), %rdi
	movq	TDX_ARGS_RSI(%rsi), %rsi
	xorl	%ebp, %ebp
1:	.byte	\bytes
2:	movq	%rsi, %rbp
	popq	%rsi			/* args */
	movq	%rcx, TDX_ARGS_RCX(%rsi)
	movq	%rdx, TDX_ARGS_RDX(%rsi)
	movq	%r8, TDX_ARGS_R8(%rsi)
	movq	%r9, TDX_ARGS_R9(%rsi)
	movq	%r10, TDX_ARGS_R10(%rsi)
	movq	%r11, TDX_ARGS_R11(%rsi)
	movq	%r12, TDX_ARGS_R12(%rsi)
	movq	%r13, TDX_ARGS_R13(%rsi)
	movq	%r14, TDX_ARGS_R14(%rsi)
	movq	%r15, TDX_ARGS_R15(%rsi)
	movq	%rbx, TDX_ARGS_RBX(%rsi)
	movq	%rdi, TDX_ARGS_RDI(%rsi)
	movq	%rbp, TDX_ARGS_RSI(%rsi)
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%edi, %edi
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	xorl	%r10d, %r10d
	xorl	%r11d, %r11d
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
	/* The fixup gives RAX = error code << 32 | EXTABLE_FAULT | vector (lib/extable.h). */
3:	andl	$EXTABLE_VECTOR_MASK, %eax
	movabsq	$TDX_SW_ERROR, %rbp
	orq	%rbp, %rax
	jmp	2b
	.size	\name, . - \name
	.pushsection .extable, "a"
	.balign	4
	.long	1b - ., 3b - .
	.popsection
.endm

TDX_MODULE_CALL tdcall, 0x66, 0x0f, 0x01, 0xcc
TDX_MODULE_CALL seamcall, 0x66, 0x0f, 0x01, 0xcf

	.section .note.GNU-stack, "", @progbits
