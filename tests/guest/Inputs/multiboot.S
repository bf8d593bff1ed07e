/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A 32-bit guest for the first multiboot protocol: prints its command line, and the line that its
 * module holds, and succeeds; fails where its loader did not follow the protocol, or left no timer.
 */
#include "abi/exit_code.h"
#include "abi/multiboot1.h"
#include "abi/x86.h"

#define INFO_FLAGS   0
#define INFO_UPPER   8
#define INFO_CMDLINE 16
#define INFO_MODULES 24
#define MODULE_END   4

	.section .multiboot, "a"
	.balign	4
	.long	MB1_HEADER_MAGIC, MULTIBOOT_FLAGS, -(MB1_HEADER_MAGIC + MULTIBOOT_FLAGS)

	.text
	.code32
	.globl	start
start:
	cld
	cmpl	$MB1_LOADER_MAGIC, %eax
	jne	failed
	testl	$MB1_INFO_MEMORY, INFO_FLAGS(%ebx)
	jz	failed
	cmpl	$0, INFO_UPPER(%ebx)
	je	failed
	inb	$PORT_PIC1_DATA, %al
	testb	$1, %al
	jnz	failed
	movl	$PORT_COM1, %edx
	movl	INFO_CMDLINE(%ebx), %esi
1:	lodsb
	testb	%al, %al
	jz	2f
	outb	%al, %dx
	jmp	1b
2:	movb	$'\n', %al
	outb	%al, %dx
	cmpl	$1, INFO_MODULES - 4(%ebx)
	jne	failed
	movl	INFO_MODULES(%ebx), %ebx
	movl	(%ebx), %esi
	movl	MODULE_END(%ebx), %ecx
	subl	%esi, %ecx
	rep; outsb
	movb	$EXIT_CODE_SUCCESS, %al
	jmp	end
failed:
	movb	$EXIT_CODE_FAILED, %al
end:	movw	$EXIT_PORT, %dx
	outb	%al, %dx
3:	hlt
	jmp	3b
