/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop in which a TD's processor waits, for a page of the guest's: RDI = mailbox, ESI = APIC
 * id. Spec: ACPI 6.5, 5.2.12.19.
 */
#include "abi/acpi.h"

	.section .rodata
	.globl mailbox_stub, mailbox_stub_end
mailbox_stub:
	pause
	cmpw $MAILBOX_COMMAND_WAKEUP, MAILBOX_COMMAND(%rdi)
	jne mailbox_stub
	cmpl %esi, MAILBOX_APIC_ID(%rdi)
	jne mailbox_stub
	movq MAILBOX_VECTOR(%rdi), %rax
	movw $MAILBOX_COMMAND_NOOP, MAILBOX_COMMAND(%rdi)
	jmp *%rax
mailbox_stub_end:
