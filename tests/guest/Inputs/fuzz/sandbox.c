/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See sandbox.h. The processor's own part is found by its GDT, which is a copy with two more
 * segments: nothing else is sure to be as it was.
 */
#include "sandbox.h"

#include "abi/ghcb.h"
#include "early/entry.h"
#include "early/percpu.h"
#include "early/tdx.h"
#include "early/trap.h"
#include "kernel/apic.h"
#include "kernel/traps.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "paravirt/pv_ops.h"

#define GDT_ENTRIES        8 /* the kernel's six first */
#define GDT_USER_DATA      U64_C(0x00cff3000000ffff)
#define GDT_USER_CODE      U64_C(0x00affb000000ffff)
#define IST_NMI            2
#define IST_SANDBOX        4
#define NMI_SLOT_SIZE      0x4000 /* kernel/traps.c */
#define DR7_FIXED          0x400
#define MSR_KERNEL_GS_BASE 0xc0000102

struct __packed tss {
	u32 reserved_0x00;
	u64 rsp[3];
	u64 ist[8];
};

static struct sandbox {
	u64 gdt[GDT_ENTRIES]; /* first: its address is the whole's */
	u64 rsp;              /* of whoever waits for the end; 0: nobody */
	struct tss *tss;
	u64 cr0, cr3, cr4, efer, gs_base;
	struct trap_frame end;
	u8 stack[0x4000] __attribute__((aligned(16)));
} sandboxes[CPU_MAX];

void sandbox_enter(struct trap_frame *frame, u64 *rsp);
u64 sandbox_do(void (*function)(void *context), void *context, u64 *rsp);
extern const char sandbox_left[];

#define SAVE    "push %rbx\n\tpush %rbp\n\tpush %r12\n\tpush %r13\n\tpush %r14\n\tpush %r15\n\t"
#define RESTORE "pop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\tpop %rbp\n\tpop %rbx\n\t"

/* The frame's first 15 words are the registers; five from 0x88 on are IRET's. */
__asm__(".globl sandbox_enter, sandbox_do, sandbox_left\n"
	"sandbox_enter:\n\t" SAVE "mov %rsp, (%rsi)\n\tmov %rdi, %rsp\n\t"
	"pop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\tpop %r11\n\tpop %r10\n\tpop %r9\n\t"
	"pop %r8\n\tpop %rdi\n\tpop %rsi\n\tpop %rbp\n\tpop %rbx\n\tpop %rdx\n\tpop %rcx\n\t"
	"pop %rax\n\tadd $16, %rsp\n\tiretq\n"
	"sandbox_left: xor %eax, %eax\n\t" RESTORE "ret\n"
	"sandbox_do:\n\t" SAVE "mov %rsp, (%rdx)\n\tsub $8, %rsp\n\tmov %rdi, %rax\n\t"
	"mov %rsi, %rdi\n\tcall *%rax\n\tadd $8, %rsp\n\tmov $1, %eax\n\t" RESTORE "ret\n");

static struct sandbox *here(void)
{
	struct table_register gdtr;

	__asm__ volatile("sgdt %0" : "=m"(gdtr));
	return (struct sandbox *)gdtr.base;
}

static void take_interrupt(const struct trap_frame *frame)
{
	if (frame->vector != VEC_SPURIOUS)
		apic_eoi();
}

/* As kernel/traps.c moves it, and trap_leave_nmi() back. */
static void take_nmi(struct sandbox *s) { s->tss->ist[IST_NMI] -= NMI_SLOT_SIZE; }

static void leave(struct sandbox *s, struct trap_frame *frame)
{
	s->end = *frame;
	frame->rip = (u64)(uintptr_t)sandbox_left;
	frame->cs = SEL_CODE64;
	frame->ss = SEL_DATA;
	frame->rflags = RFLAGS_FIXED;
	frame->rsp = s->rsp;
	s->rsp = 0;
}

/* What code of the kernel's own right can have changed, before anything relies on it. */
static void mend(const struct sandbox *s)
{
	write_cr0(s->cr0);
	if (read_cr4() != s->cr4)
		write_cr4(s->cr4);
	if (read_cr3() != s->cr3)
		write_cr3(s->cr3);
	if (read_cr8())
		write_cr8(0);
	wrmsr(MSR_GS_BASE, s->gs_base);
	if (rdmsr(MSR_EFER) != s->efer)
		wrmsr(MSR_EFER, s->efer);
}

static void handler(struct trap_frame *frame)
{
	struct sandbox *s = here();
	bool is_ours = s->rsp;
	struct ve_info info;

	if (is_ours)
		mend(s);
	if (frame->vector == VEC_NMI)
		take_nmi(s);
	else if (frame->vector >= VEC_IRQ_FIRST)
		take_interrupt(frame);
	else if (!is_ours && (frame->vector == VEC_VC || frame->vector == VEC_VE))
		pv_handle_exception(frame);
	else if (!is_ours && !trap_fixup(frame))
		trap_panic(frame);
	if (is_ours && frame->vector == VEC_VE)
		(void)tdx_ve_info(&info); /* or the next one is a #DF */
	if (is_ours)
		leave(s, frame);
}

void sandbox_init(void)
{
	struct sandbox *s = &sandboxes[cpu_index()];
	const struct table_register gdtr = { sizeof(s->gdt) - 1, (u64)(uintptr_t)s->gdt };
	struct table_register old;
	u64 tss;

	__asm__ volatile("sgdt %0" : "=m"(old));
	memcpy(s->gdt, (const void *)old.base, old.limit + 1u);
	s->gdt[6] = GDT_USER_DATA;
	s->gdt[7] = GDT_USER_CODE;
	tss = s->gdt[SEL_TSS / 8];
	s->tss = (struct tss *)(bits_get(tss, 39, 16) | bits_get(tss, 63, 56) << 24 |
				s->gdt[SEL_TSS / 8 + 1] << 32);
	s->tss->ist[IST_SANDBOX] = (u64)(uintptr_t)s->stack + sizeof(s->stack) - 64;
	s->tss->rsp[0] = s->tss->ist[IST_SANDBOX];
	s->cr0 = read_cr0();
	s->cr3 = read_cr3();
	s->cr4 = read_cr4();
	s->efer = rdmsr(MSR_EFER);
	s->gs_base = rdmsr(MSR_GS_BASE);
	wrmsr(MSR_KERNEL_GS_BASE, s->gs_base); /* SWAPGS: every trap relies on it */
	lgdt(&gdtr);
}

void sandbox_take_traps(void)
{
	for (unsigned int vector = 0; vector < VEC_COUNT; vector++)
		if (vector != VEC_DF && vector != VEC_NMI && vector != VEC_VC && vector != VEC_VE)
			trap_set_ist(vector, IST_SANDBOX);
	trap_set_handler(handler);
}

/* Breakpoints and the FPU are not what a handler relies on. */
static void tidy(void)
{
	cli();
	if (read_dr7() != DR7_FIXED)
		write_dr7(DR7_FIXED);
	fpu_init();
}

void sandbox_run(struct trap_frame *frame)
{
	struct sandbox *s = here();

	sandbox_enter(frame, &s->rsp);
	tidy();
	*frame = s->end;
}

bool sandbox_call(void (*function)(void *context), void *context)
{
	struct sandbox *s = here();
	bool ended = sandbox_do(function, context, &s->rsp);

	s->rsp = 0;
	return ended;
}
