/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doorbell_halt(): between the look at the page and HLT an event may still come, and would be over
 * when the processor sleeps. Whoever takes one there goes on behind HLT (kernel/hv.c).
 */
#include "abi/x86.h"
#include "early/percpu.h"

	.section .text.doorbell_halt, "ax"
	.globl	doorbell_halt, doorbell_halt_check, doorbell_halt_end
	.hidden	doorbell_halt, doorbell_halt_check, doorbell_halt_end
	.type	doorbell_halt, @function
doorbell_halt:
	sti
doorbell_halt_check:
	movq	%gs:PERCPU_DOORBELL, %rax
	cmpw	$0, (%rax)
	jne	1f
	hlt
doorbell_halt_end:
	ret
1:	int	$VEC_HV
	ret
	.size	doorbell_halt, . - doorbell_halt
