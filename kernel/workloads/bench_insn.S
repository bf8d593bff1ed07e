/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hypercalls that no alternatives pass touches: the bare instruction, and the call through the
 * table as a recorded site has it before it is patched. Argument: the number; others are zero.
 */
#include "kernel/workloads/bench_offsets.h"

	.text

.macro HYPERCALL name:req, insn:vararg
	.globl \name
	.type \name, @function
\name:
	push %rbx
	mov %rdi, %rax
	xor %ebx, %ebx
	xor %ecx, %ecx
	xor %edx, %edx
	xor %esi, %esi
	\insn
	pop %rbx
	ret
	.size \name, . - \name
.endm

HYPERCALL bench_vmmcall, vmmcall
HYPERCALL bench_vmcall, vmcall
HYPERCALL bench_hypercall_unpatched, call *(pv_ops + PV_OPS_HYPERCALL)(%rip)

	.section .note.GNU-stack, "", @progbits
