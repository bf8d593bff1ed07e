/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an application processor starts after SIPI: real mode, in a page below 1 MiB to which
 * ap.c copies ap_trampoline. Goes on through load_long_mode, with the boot processor's tables.
 * Spec: APM2 16.5 (INIT, SIPI).
 */
#include "abi/x86.h"
#include "monitor/machine/entry.h"

	.section .rodata
	.code16
	.globl ap_trampoline
ap_trampoline:
	cli
	mov %cs, %ax
	mov %ax, %ds
	lgdtl ap_gdt_register - ap_trampoline
	mov ap_entry - ap_trampoline, %ebx
	mov %cr0, %eax
	or $CR0_PE, %eax
	mov %eax, %cr0
	ljmpl *(ap_entry - ap_trampoline)

/* struct ap_addresses, at the end: ap.c fills it in. */
	.balign 4
ap_entry:
	.long 0				/* ap_entry32 */
	.word HOST_CS32
ap_gdt_register:
	.word 4 * 8 - 1
	.long 0				/* host_gdt */
	.globl ap_trampoline_end
ap_trampoline_end:

	.text
	.code32
	.globl ap_entry32
ap_entry32:
	mov $HOST_DS, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	/* One at a time: the stack of the one that is being started. */
	mov (ap_stack - ap_entry32)(%ebx), %esp
	lea (ap_entry64 - ap_entry32)(%ebx), %edi
	lea (entry32 - ap_entry32)(%ebx), %ebx
	jmp load_long_mode

	.code64
ap_entry64:
	mov $HOST_DS, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %fs
	mov %eax, %gs
	mov ap_stack(%rip), %rsp
	xor %ebp, %ebp
	call ap_main
1:	cli
	hlt
	jmp 1b

	.bss
	.balign 8
	.globl ap_stack
ap_stack:
	.skip 8
