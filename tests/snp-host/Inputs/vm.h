/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small hypervisor for tests that are hosts themselves: one processor of a guest that runs text
 * of the test, in the test's own page tables, below identity nested tables of 4K and 2M.
 */
#pragma once

#include <stdio.h>
#include <string.h>

#include "abi/ghcb.h"
#include "abi/sev.h"
#include "abi/svm.h"
#include "abi/vmcb.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/phys.h"
#include "../../Inputs/must.h"

#define PAGE  4096
#define HUGE  0x200000
#define TABLE (PTE_P | PTE_W | PTE_U)

/* Guest code: runs until its last instruction. */
#define GUEST(name, text)                                                                          \
	void name(void);                                                                           \
	__asm__(".pushsection .text\n.globl " #name "\n" #name ":\n" text "\n.popsection")

static struct vmcb *vmcb;
static u64 *npt, *npt_small; /* its 2M entries; its 4K entries, of the 2M at vm_area */
u64 vm_area;
static struct vmcb *hsave;
static u8 *stack;

static void *page_new(void)
{
	pa_t page;

	if (phys_alloc(0, &page))
		return NULL;
	return memset(pa_ptr(page), 0, PAGE);
}

static struct vmcb_seg seg(u16 selector, u16 attrib)
{
	return (struct vmcb_seg){ selector, attrib, ~0u, 0 };
}

static void intercept(unsigned int bit) { vmcb->control.intercepts[bit / 32] |= 1u << bit % 32; }

/* As this processor is now, at @text. */
static void vm_state(struct vmsa *s, void (*text)(void))
{
	struct table_register gdt, idt;

	memset(s, 0, sizeof(*s));
	__asm__ volatile("sgdt %0" : "=m"(gdt));
	sidt(&idt);
	s->cs = seg(0x08, SEG_ATTRIB_CODE64);
	s->ss = s->ds = s->es = seg(0x10, SEG_ATTRIB_DATA);
	s->gdtr = (struct vmcb_seg){ 0, 0, gdt.limit, gdt.base };
	s->idtr = (struct vmcb_seg){ 0, 0, idt.limit, idt.base };
	s->tr = seg(0, SEG_ATTRIB_TSS64);
	s->efer = rdmsr(MSR_EFER);
	s->cr0 = read_cr0();
	s->cr3 = read_cr3();
	s->cr4 = read_cr4();
	s->dr6 = 0xffff0ff0;
	s->dr7 = 0x400;
	s->rflags = RFLAGS_FIXED;
	s->g_pat = U64_C(0x0007040600070406);
	s->rip = (u64)text;
	s->rsp = (u64)stack + PAGE - 8;
}

static inline int vm_new(void)
{
	u64 *top = page_new(), *next = page_new();
	u8 *maps;
	pa_t block, area;

	MUST(!phys_alloc(9, &area));
	vm_area = area.value;
	vmcb = page_new();
	hsave = page_new();
	npt = page_new();
	npt_small = page_new();
	stack = page_new();
	MUST(top && next && vmcb && hsave && npt && npt_small && stack && !phys_alloc(3, &block));
	maps = memset(pa_ptr(block), 0xff, 8 * PAGE);
	top[0] = (u64)next | TABLE;
	next[0] = (u64)npt | TABLE;
	for (unsigned int i = 0; i < 512; i++) {
		npt[i] = i * (u64)HUGE | TABLE | PTE_PS;
		npt_small[i] = (vm_area + i * PAGE) | TABLE;
	}
	npt[vm_area / HUGE] = (u64)npt_small | TABLE;
	MUST(!wrmsr_safe(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME));
	MUST(!wrmsr_safe(MSR_VM_HSAVE_PA, (u64)hsave));
	vmcb->control = (struct vmcb_control_area){
		.asid = 600,
		.msrpm_base_pa = (u64)maps,
		.iopm_base_pa = (u64)maps + 3 * PAGE,
		.nested_ctl = VMCB_NESTED_PAGING,
		.nested_cr3 = (u64)top,
		.int_ctl = VMCB_V_INTR_MASKING,
	};
	intercept(VMCB_INTERCEPT_VMRUN);
	intercept(VMCB_INTERCEPT_VMMCALL);
	intercept(VMCB_INTERCEPT_SHUTDOWN);
	intercept(VMCB_INTERCEPT_MSR);
	intercept(VMCB_INTERCEPT_IOIO);
	return 0;
}

/* Until the next exit. FS, GS and TR are the guest's meanwhile, and ours again from @save. */
static inline u64 vm_run_by(struct vmcb *by, struct vmcb *save)
{
	struct vmcb *rax = by;

	vmsave((u64)save);
	__asm__ volatile("push %%rbp\n\tpush %%rbx\n\tpush %%rcx\n\tclgi\n\tvmload\n\tvmrun\n\t"
			 "vmsave\n\tpop %%rax\n\tvmload\n\tstgi\n\tpop %%rbx\n\tpop %%rbp"
			 : "+a"(rax), "+c"(save)
			 :
			 : "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
			   "r15", "xmm0", "xmm1", "memory", "cc");
	return by->control.exit_code;
}

static inline u64 vm_run(void) { return vm_run_by(vmcb, hsave); }
