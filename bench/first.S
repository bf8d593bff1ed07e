/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest whose first instruction is the measurement: entered by PVH, it writes a byte to the
 * serial port, which the VMM passes on, and then ends the run.
 */
#include "abi/exit_code.h"
#include "abi/pvh.h"
#include "abi/x86.h"

	.section .note.pvh, "a", @note
	.long 4, 4, PVH_NOTE_TYPE
	.asciz PVH_NOTE_NAME
	.long entry

	.text
	.code32
	.globl entry
entry:
	mov $PORT_COM1, %edx
	out %al, %dx
	mov $EXIT_CODE_SUCCESS, %eax
	out %eax, $EXIT_PORT
1:	hlt
	jmp 1b
