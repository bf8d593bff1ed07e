/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest bootable image, for tests of run-qemu.sh itself: entered by PVH in 32-bit mode, it
 * writes CODE to the exit port; without CODE it loops, with FAULT it makes a triple fault.
 */
#include "abi/exit_code.h"
#include "abi/pvh.h"

	.section .note.pvh, "a", @note
	.long 4, 4, PVH_NOTE_TYPE
	.asciz PVH_NOTE_NAME
	.long entry

	.text
	.code32
	.globl entry
entry:
#ifdef CODE
	mov $CODE, %eax
	out %eax, $EXIT_PORT
#endif
#ifdef FAULT
	lidt no_idt
	ud2
#endif
1:	hlt
	jmp 1b
no_idt:
	.word 0
	.long 0
