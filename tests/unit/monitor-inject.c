/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame of #VC is the one that the processor would push: same level, more privileged level,
 * IST, 32-bit; and what is wrong with the guest's tables becomes the guest's own fault.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define vmsave vmsave_of_the_processor
#include "lib/cpu.h"
#undef vmsave
static void vmsave(u64 vmcb_pa) { (void)vmcb_pa; }

#include "../../monitor/svm/inject.c"

#define MEMORY_SIZE 0x10000
#define IDT         0x1000
#define GDT         0x2000
#define TSS         0x3000
#define STACK       0x8000
#define STACK_RSP0  0x9000
#define STACK_IST2  0xa000
#define HANDLER     U64_C(0xffffffff81234567)
#define ABSENT_FROM 0xf000 /* not mapped from here on */

static u8 memory[MEMORY_SIZE];
static struct vmcb vmcb;
static struct vcpu cpu;

struct transcript transcript;
bool tracing;
bool profiling;

void profile_cause(struct vcpu *v) { (void)v; }

void transcript_line(struct transcript *t, unsigned int n, enum transcript_event event,
		     const char *fmt, ...)
{
	(void)t, (void)n, (void)event, (void)fmt;
}

noreturn_t stop_crashed(struct vcpu *v, const char *why)
{
	(void)v, (void)why;
	abort();
}

static int copy(u64 linear, void *to, const void *from, size_t size, u32 code, u32 *error_code)
{
	*error_code = code;
	if (linear + size > ABSENT_FROM)
		return -E_FAULT;
	memcpy(to ? to : memory + linear, from ? from : memory + linear, size);
	return 0;
}

int walk_read(struct vcpu *v, u64 linear, void *to, size_t size, u32 *error_code)
{
	(void)v;
	return copy(linear, to, NULL, size, 0, error_code);
}

int walk_write(struct vcpu *v, u64 linear, const void *from, size_t size, u32 *error_code)
{
	(void)v;
	return copy(linear, NULL, from, size, PF_W, error_code);
}

static void put(u64 at, u64 value) { memcpy(memory + at, &value, sizeof(value)); }

static u64 get(u64 at)
{
	u64 value;

	memcpy(&value, memory + at, sizeof(value));
	return value;
}

static void gate64(unsigned int type, unsigned int ist)
{
	put(IDT + 29 * 16, (HANDLER & 0xffff) | 0x10 << 16 | (u64)ist << 32 |
				   (u64)(0x80 | type) << 40 | (HANDLER >> 16 & 0xffff) << 48);
	put(IDT + 29 * 16 + 8, HANDLER >> 32);
}

/* Long mode at @cpl, with interrupts on. */
static struct vmsa *long_mode(unsigned int cpl)
{
	struct vmsa *s = &vmcb.save;

	memset(memory, 0, sizeof(memory));
	memset(&vmcb, 0, sizeof(vmcb));
	cpu.vmcb = &vmcb;
	s->efer = EFER_LME | EFER_LMA | EFER_SVME;
	s->cr0 = CR0_PE | CR0_PG;
	s->cpl = (u8)cpl;
	s->cs = (struct vmcb_seg){ (u16)(0x30 | cpl), 0x0afb, 0xffffffff, 0 };
	s->ss = (struct vmcb_seg){ (u16)(0x28 | cpl), (u16)(0x0c93 | cpl << 5), 0xffffffff, 0 };
	s->rip = 0x401234;
	s->rsp = STACK - 4; /* not aligned: the processor aligns it */
	s->rflags = RFLAGS_FIXED | RFLAGS_IF | RFLAGS_TF | RFLAGS_CF;
	s->idtr = (struct vmcb_seg){ 0, 0, 0xfff, IDT };
	s->gdtr = (struct vmcb_seg){ 0, 0, 0x7f, GDT };
	s->tr.base = TSS;
	put(GDT + 0x10, 0x00af9b000000ffff);
	put(TSS + 4, STACK_RSP0);
	put(TSS + 36 + 8, STACK_IST2);
	gate64(0xe, 0);
	return s;
}

static void check_frame64(const struct vmsa *s, u64 top, u64 code, unsigned int cpl)
{
	assert(s->rsp == top - 48);
	assert(get(s->rsp) == code);
	assert(get(s->rsp + 8) == 0x401234);
	assert(get(s->rsp + 16) == (0x30 | cpl));
	assert(get(s->rsp + 24) == (RFLAGS_FIXED | RFLAGS_IF | RFLAGS_TF | RFLAGS_CF | RFLAGS_RF));
	assert(get(s->rsp + 32) == STACK - 4);
	assert(get(s->rsp + 40) == (0x28 | cpl));
	assert(s->rip == HANDLER && s->cs.selector == 0x10 && s->cs.attrib == SEG_ATTRIB_CODE64);
	assert(s->cpl == 0 && !vmcb.control.event_inj);
}

static void same_level(void)
{
	struct vmsa *s = long_mode(0);

	vmcb.control.int_state = 1;
	inject_vc(&cpu, SVM_EXIT_CPUID);
	check_frame64(s, STACK - 16, SVM_EXIT_CPUID, 0);
	assert(s->ss.selector == 0x28 && !vmcb.control.int_state);
	assert(s->rflags == (RFLAGS_FIXED | RFLAGS_CF));
}

static void from_user(void)
{
	struct vmsa *s = long_mode(3);

	inject_vc(&cpu, SVM_EXIT_RDTSC);
	check_frame64(s, STACK_RSP0, SVM_EXIT_RDTSC, 3);
	assert(s->ss.selector == 0);
	s = long_mode(3);
	gate64(0xe, 2);
	inject_vc(&cpu, SVM_EXIT_RDTSC);
	check_frame64(s, STACK_IST2, SVM_EXIT_RDTSC, 3);
}

static void trap_gate_and_ist(void)
{
	struct vmsa *s = long_mode(0);

	gate64(0xf, 2);
	inject_vc(&cpu, SVM_EXIT_MSR);
	check_frame64(s, STACK_IST2, SVM_EXIT_MSR, 0);
	assert(s->rflags & RFLAGS_IF); /* a trap gate leaves it */
}

static void protected_mode_32(void)
{
	struct vmsa *s = long_mode(0);
	u32 frame[4];

	s->efer = EFER_SVME;
	s->rsp = STACK;
	put(IDT + 29 * 8, 0x5678 | 0x10 << 16 | U64_C(0x8e00) << 32 | U64_C(0x1234) << 48);
	put(GDT + 0x10, 0x00cf9b000000ffff);
	inject_vc(&cpu, SVM_EXIT_CPUID);
	assert(s->rsp == STACK - 16 && s->rip == 0x12345678);
	memcpy(frame, memory + s->rsp, sizeof(frame));
	assert(frame[0] == SVM_EXIT_CPUID && frame[1] == 0x401234 && frame[2] == 0x30);
	assert(frame[3] == (RFLAGS_FIXED | RFLAGS_IF | RFLAGS_TF | RFLAGS_CF | RFLAGS_RF));
	assert(s->cs.attrib == SEG_ATTRIB_CODE32 && s->cs.limit == 0xffffffff);
}

/* Of exception @vector with @error_code instead, with RIP where it was. */
static void check_fault(const struct vmsa *s, unsigned int vector, u32 error_code)
{
	assert(vmcb.control.event_inj ==
	       (EVENT_VALID | EVENT_ERROR_CODE_VALID | EVENT_TYPE_EXCEPTION << EVENT_TYPE_SHIFT |
		vector | (u64)error_code << 32));
	assert(s->rip == 0x401234);
}

static void faults(void)
{
	struct vmsa *s = long_mode(0);

	s->idtr.limit = 0;
	inject_vc(&cpu, SVM_EXIT_CPUID);
	check_fault(s, VEC_GP, 29 << 3 | 2);

	s = long_mode(0);
	put(IDT + 29 * 16, 0);
	inject_vc(&cpu, SVM_EXIT_CPUID);
	check_fault(s, VEC_GP, 29 << 3 | 2);

	s = long_mode(0);
	put(IDT + 29 * 16, get(IDT + 29 * 16) & ~BIT(47));
	inject_vc(&cpu, SVM_EXIT_CPUID);
	check_fault(s, VEC_NP, 29 << 3 | 2);

	s = long_mode(0);
	s->gdtr.limit = 0xf;
	inject_vc(&cpu, SVM_EXIT_CPUID);
	check_fault(s, VEC_GP, 0x10);

	s = long_mode(0);
	s->rsp = ABSENT_FROM + 0x100;
	inject_vc(&cpu, SVM_EXIT_CPUID);
	check_fault(s, VEC_PF, PF_W);
	assert(s->cr2 == ABSENT_FROM + 0x100 - 48);
}

int main(void)
{
	same_level();
	from_user();
	trap_gate_and_ist();
	protected_mode_32();
	faults();
	return 0;
}
