/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest of a few bytes, linked where its test says: succeeds when BSS_SIZE bytes behind it are
 * zero, and writes to each of their pages. Entered by PVH or multiboot.
 */
#include "abi/exit_code.h"
#include "abi/pvh.h"

	.section .note.pvh, "a", @note
	.long	4, 4, PVH_NOTE_TYPE
	.asciz	"Xen"
	.long	start

	.text
	.code32
	.globl	start
start:
	cld
	movl	$zeroes, %edi
	movl	$(BSS_SIZE / 4), %ecx
	xorl	%eax, %eax
	repe; scasl
	movb	$EXIT_CODE_FAILED, %al
	jne	1f
	movl	$zeroes, %edi
2:	movl	%edi, (%edi)
	cmpl	%edi, (%edi)
	jne	1f
	addl	$4096, %edi
	cmpl	$zeroes + BSS_SIZE, %edi
	jb	2b
	movb	$EXIT_CODE_SUCCESS, %al
1:	movw	$EXIT_PORT, %dx
	outb	%al, %dx
3:	hlt
	jmp	3b

	.bss
	.balign	4096
zeroes:
	.skip	BSS_SIZE
