/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entry of ENTRY_SIZE bytes for each register: EDI is its number, RSI the memory.
 */
#define ENTRY_SIZE 8

#define VECTOR_FUNCTION(name, ...)                                                                 \
	.globl	name;                                                                              \
	.hidden	name;                                                                              \
	.balign	16;                                                                                \
name:                                                                                              \
	movl	%edi, %edi;                                                                        \
	leaq	1f(,%rdi,ENTRY_SIZE), %rax;                                                        \
	jmp	*%rax;                                                                             \
	.balign	ENTRY_SIZE;                                                                        \
1:                                                                                                 \
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15;                           \
	.balign	ENTRY_SIZE;                                                                        \
	__VA_ARGS__;                                                                               \
	ret;                                                                                       \
	.endr

	.text
VECTOR_FUNCTION(vector_get_xmm, movups %xmm\n, (%rsi))
VECTOR_FUNCTION(vector_set_xmm, movups (%rsi), %xmm\n)
VECTOR_FUNCTION(vector_get_ymm, vmovups %ymm\n, (%rsi))
VECTOR_FUNCTION(vector_set_ymm, vmovups (%rsi), %ymm\n)
VECTOR_FUNCTION(vector_set_xmm_vex, vmovups (%rsi), %xmm\n)
