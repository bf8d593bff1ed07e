/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame that every trap stub builds, C and assembly. Lowest address first:
 *
 *   r15 r14 r13 r12 r11 r10 r9 r8 rdi rsi rbp rbx rdx rcx rax | vector | error_code |
 *   rip cs rflags rsp ss          <- pushed by the processor
 */
#pragma once

#include "abi/bits.h"

#define TF_R15        0x00
#define TF_R14        0x08
#define TF_R13        0x10
#define TF_R12        0x18
#define TF_R11        0x20
#define TF_R10        0x28
#define TF_R9         0x30
#define TF_R8         0x38
#define TF_RDI        0x40
#define TF_RSI        0x48
#define TF_RBP        0x50
#define TF_RBX        0x58
#define TF_RDX        0x60
#define TF_RCX        0x68
#define TF_RAX        0x70
#define TF_VECTOR     0x78
#define TF_ERROR_CODE 0x80
#define TF_RIP        0x88
#define TF_RFLAGS     0x98
#define TF_RSP        0xa0
#define TF_SS         0xa8
#define TF_SIZE       0xb0

#ifndef __ASSEMBLER__
#include "lib/cpu.h"

struct trap_frame {
	u64 r15, r14, r13, r12, r11, r10, r9, r8;
	u64 rdi, rsi, rbp, rbx, rdx, rcx, rax;
	u64 vector;
	u64 error_code;
	u64 rip, cs, rflags, rsp, ss;
};
ABI_SIZE(struct trap_frame, TF_SIZE);
ABI_OFFSET(struct trap_frame, r8, TF_R8);
ABI_OFFSET(struct trap_frame, rdi, TF_RDI);
ABI_OFFSET(struct trap_frame, rbp, TF_RBP);
ABI_OFFSET(struct trap_frame, rax, TF_RAX);
ABI_OFFSET(struct trap_frame, vector, TF_VECTOR);
ABI_OFFSET(struct trap_frame, error_code, TF_ERROR_CODE);
ABI_OFFSET(struct trap_frame, rip, TF_RIP);
ABI_OFFSET(struct trap_frame, rflags, TF_RFLAGS);
ABI_OFFSET(struct trap_frame, ss, TF_SS);

/* What CPUID leaves behind where it was. */
static inline void trap_frame_set_cpuid(struct trap_frame *frame, const struct cpuid_regs *regs)
{
	frame->rax = regs->eax;
	frame->rbx = regs->ebx;
	frame->rcx = regs->ecx;
	frame->rdx = regs->edx;
}
#endif
