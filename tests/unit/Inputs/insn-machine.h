/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One instruction on the processor itself, with every register of the caller's choice, RSP too.
 */
#pragma once

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "abi/bits.h"

struct machine {
	u64 registers[16]; /* by number */
	u64 rflags;
	u8 vectors[16][32];
	int signal; /* SIGFPE, SIGILL, SIGSEGV, or 0 */
};
ABI_OFFSET(struct machine, rflags, 128);
ABI_OFFSET(struct machine, vectors, 136);

extern struct machine machine_real;
struct machine machine_real;
extern const char machine_fault[], machine_back[];
extern u8 *machine_code;
u8 *machine_code;
void machine_enter(void);

/* Registers are set and read by RIP-relative moves: flags and RSP are the instruction's alone. */
__asm__(".text\n"
	".macro each_register operation\n"
	"i = 0\n"
	".irp r, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15\n"
	"\\operation \\r\n"
	"i = i + 1\n"
	".endr\n"
	".endm\n"
	".macro set r\n"
	"mov machine_real + 8 * i(%rip), %\\r\n"
	".endm\n"
	".macro get r\n"
	"mov %\\r, machine_real + 8 * i(%rip)\n"
	".endm\n"
	"machine_enter:\n"
	"push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
	"mov %rsp, machine_stack(%rip)\n"
	".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"vmovdqu machine_real + 136 + 32 * \\n(%rip), %ymm\\n\n"
	".endr\n"
	"push machine_real + 128(%rip); popfq\n"
	"each_register set\n"
	"jmp *machine_code(%rip)\n"
	"machine_back:\n"
	"each_register get\n"
	"mov machine_stack(%rip), %rsp\n"
	"pushfq; pop machine_real + 128(%rip)\n"
	".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"vmovdqu %ymm\\n, machine_real + 136 + 32 * \\n(%rip)\n"
	".endr\n"
	"machine_fault:\n"
	"mov machine_stack(%rip), %rsp\n"
	"cld; vzeroupper\n"
	"pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
	"ret\n"
	".bss\n"
	"machine_stack: .skip 8\n"
	".text\n");

static void machine_signal(int number, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	(void)info;
	if ((u8 *)u->uc_mcontext.gregs[REG_RIP] != machine_code)
		abort();
	machine_real.signal = number;
	u->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)machine_fault;
}

static void machine_init(void)
{
	static u8 stack[65536];
	const stack_t alternative = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };

	machine_code = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	action.sa_sigaction = machine_signal;
	if (machine_code == MAP_FAILED || sigaltstack(&alternative, NULL) ||
	    sigaction(SIGFPE, &action, NULL) || sigaction(SIGILL, &action, NULL) ||
	    sigaction(SIGSEGV, &action, NULL))
		abort();
}

/* Executes it on machine_real. */
static void machine_run(const u8 *bytes, size_t size)
{
	static const u8 jump[] = { 0xff, 0x25, 0, 0, 0, 0 }; /* jmp *0(%rip) */
	u64 back = (u64)(uintptr_t)machine_back;

	memcpy(machine_code, bytes, size);
	memcpy(machine_code + size, jump, sizeof(jump));
	memcpy(machine_code + size + sizeof(jump), &back, sizeof(back));
	machine_real.signal = 0;
	machine_enter();
}
