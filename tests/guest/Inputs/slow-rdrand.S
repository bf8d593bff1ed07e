/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For entry-canary.test: an RDRAND that has no number (CF clear, the register 0) up to try TRIES.
 */
	.macro	slow_rdrandl reg
	incl	rdrand_tries
	movl	$0, \reg
	cmpl	$TRIES, rdrand_tries
	cmc
	jnc	9f
	movl	$0x5a5a5a5a, \reg
9:
	.endm

	.section .data.entry32, "aw"
rdrand_tries:
	.long	0
