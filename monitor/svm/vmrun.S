/* SPDX-License-Identifier: Apache-2.0 */
/*
 * void svm_vmrun(struct vcpu *v, u64 vmcb): one entry into the guest. FS, GS, TR, LDTR and the
 * MSRs of VMLOAD stay the guest's all the time: the monitor uses none of them.
 * void breakpoint_reached(state): an address for a debugger, breakpoint.h.
 * Spec: APM2 15.5, 15.6.
 */
#include "abi/vmcb.h"
#include "abi/x86.h"
#include "monitor/machine/entry.h"
#include "monitor/svm/vcpu.h"

#define GPR(n) (VCPU_GPR + 8 * (n))

/* What is executed between the two RDTSC and VMRUN, so that an exit costs its own instruction. */
#define OWN_TIME_REST 44

	.text
	.globl svm_vmrun
svm_vmrun:
	push %rbp
	push %rbx
	push %r12
	push %r13
	push %r14
	push %r15
	push %rdi
	mov %cr0, %rax
	push %rax
	mov %rsi, %rax
	/* Whether interrupts end the run. Well before VMRUN: the shadow of STI would leak. */
	testb $1, VCPU_HOST_IF(%rdi)
	jz 1f
	sti
1:	testb $1, VCPU_OWN_TIME(%rdi)
	jz 2f
	mov %rax, %rcx
	rdtsc
	shl $32, %rdx
	or %rax, %rdx
	sub VCPU_LEFT_TSC(%rdi), %rdx
	add $OWN_TIME_REST, %rdx
	sub %rdx, VMCB_TSC_OFFSET(%rcx)
	mov %rcx, %rax
2:	testb $VMCB_INT_SHADOW, VMCB_INT_STATE(%rax)
	mov GPR(1)(%rdi), %rcx
	mov GPR(2)(%rdi), %rdx
	mov GPR(3)(%rdi), %rbx
	mov GPR(5)(%rdi), %rbp
	mov GPR(6)(%rdi), %rsi
	mov GPR(8)(%rdi), %r8
	mov GPR(9)(%rdi), %r9
	mov GPR(10)(%rdi), %r10
	mov GPR(11)(%rdi), %r11
	mov GPR(12)(%rdi), %r12
	mov GPR(13)(%rdi), %r13
	mov GPR(14)(%rdi), %r14
	mov GPR(15)(%rdi), %r15
	mov GPR(7)(%rdi), %rdi
	jz 3f
	/* QEMU 7.2's VMRUN does not look at the VMCB's shadow, but hands on that of this one. */
	mov host_ss(%rip), %ss
3:	vmrun %rax
	cli
	/* QEMU 7.2 leaves CR0 the guest's after some exits of unpaged guests. */
	pop %rax
	mov %rax, %cr0
	mov (%rsp), %rax
	mov %rcx, GPR(1)(%rax)
	mov %rdx, GPR(2)(%rax)
	mov %rbx, GPR(3)(%rax)
	mov %rbp, GPR(5)(%rax)
	mov %rsi, GPR(6)(%rax)
	mov %rdi, GPR(7)(%rax)
	mov %r8, GPR(8)(%rax)
	mov %r9, GPR(9)(%rax)
	mov %r10, GPR(10)(%rax)
	mov %r11, GPR(11)(%rax)
	mov %r12, GPR(12)(%rax)
	mov %r13, GPR(13)(%rax)
	mov %r14, GPR(14)(%rax)
	mov %r15, GPR(15)(%rax)
	testb $1, VCPU_OWN_TIME(%rax)
	jz 4f
	mov %rax, %rcx
	rdtsc
	shl $32, %rdx
	or %rax, %rdx
	mov %rdx, VCPU_LEFT_TSC(%rcx)
4:	pop %rdi
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbx
	pop %rbp
	cld
	ret

	.globl breakpoint_reached
breakpoint_reached:
	ret

	.section .rodata
host_ss:
	.short HOST_DS
