/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries on UEFI: long mode, the firmware's tables and stack, boot services alive.
 * Spec: MB2 3.5; UEFI 2.10, 2.3.4 (calling convention), 4.1 (an application's entry).
 */
#include "early/entry.h"
#include "early/stacks.h"

#define EFI_LOAD_ERROR 0x8000000000000001 /* UEFI 2.10, appendix D */

	.section .text.entry_efi64, "ax"
	.code64

	/* An application: RCX = its image handle, RDX = the system table */
	.globl	efi_application_entry
	.hidden	efi_application_entry
efi_application_entry:
	cld
	leaq	efi_application_entry(%rip), %rax
	cmpq	$efi_application_entry, %rax
	je	1f
	movabsq	$EFI_LOAD_ERROR, %rax	/* a loader put it elsewhere */
	ret
1:	andq	$-16, %rsp
	movl	$ENTRY_LOADER_EFI, entry_record + ENTRY_LOADER
	movq	%rcx, entry_record + ENTRY_IMAGE_HANDLE
	movq	%rdx, entry_record + ENTRY_INFO
	jmp	leave_firmware

	/* multiboot2: EAX = its magic, RBX = address of the loader's information */
	.globl	multiboot2_entry_efi64
	.hidden	multiboot2_entry_efi64
multiboot2_entry_efi64:
	cld
	andq	$-16, %rsp
	movl	$ENTRY_LOADER_MULTIBOOT2_EFI64, entry_record + ENTRY_LOADER
	movl	%eax, entry_record + ENTRY_MAGIC
	movq	%rbx, entry_record + ENTRY_INFO
leave_firmware:
	call	efi_leave_boot_services	/* interrupts are off, NMIs are ours */
	lgdt	efi_gdt_pointer
	pushq	$SEL_CODE64
	pushq	$1f
	lretq
1:	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs		/* not GS, which would lose its base */
	movq	$STACK_BOOT_TOP, %rsp
	xorl	%ebp, %ebp
	pushq	%rbp
	jmp	early_start
