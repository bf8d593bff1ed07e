/* SPDX-License-Identifier: Apache-2.0 */
/*
 * #HV: what its page tells is taken with the vector that it stands for, an NMI not inside another;
 * a look at the page that it interrupts is void; without a page it is nothing that may come; a host
 * that raises it inside itself, again and again, ends the guest before the stack does.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <setjmp.h>
#include <string.h>

#include "lib/cpu.h"

#define read_gs32(offset) 0U /* the boot processor */
#include "../../kernel/hv.c"

struct percpu percpus[CPU_MAX];

/* The places where it is seen: a halt, and the way back, with the IRET at its end. */
__asm__(".globl doorbell_halt_check, doorbell_halt_end, hv_return, hv_return_iret\n"
	".text\ndoorbell_halt_check: .skip 16\ndoorbell_halt_end: .skip 16\n"
	"hv_return: .skip 16\nhv_return_iret: .skip 16\n");

static jmp_buf end;
static unsigned int reason, panics, nmis, notes, traps, deepest;
static unsigned int waiting; /* NMIs in the page */
static u64 irq;              /* interrupt in the page */
static bool is_on;
static unsigned int nested; /* #HVs that come inside the first look at the page */

bool doorbell_is_on(void) { return is_on; }

noreturn_t fatal(unsigned int why, const char *fmt, ...)
{
	assert(!strcmp(fmt, "#HV inside of #HV, more than a host has a reason for"));
	reason = why;
	longjmp(end, 1);
}

noreturn_t trap_panic(const struct trap_frame *frame)
{
	assert(frame->vector == VEC_HV);
	panics++;
	longjmp(end, 1);
}

static struct trap_frame hv_frame(u64 rip)
{
	return (struct trap_frame){ .vector = VEC_HV, .rip = rip };
}

bool doorbell_take_signal(bool nmi)
{
	struct trap_frame inside = hv_frame(0);

	deepest = cpus[0].depth > deepest ? cpus[0].depth : deepest;
	if (nested) {
		nested--;
		(void)hv_take(&inside);
	}
	if (!nmi || !waiting)
		return false;
	waiting--;
	return true;
}

unsigned int doorbell_take_vector(void) { return (unsigned int)irq; }

void trap_take(struct trap_frame *frame) { traps += frame->vector != VEC_HV; }

/* One that comes amid an NMI's handler stays in the page until that is through. */
void trap_take_nmi(struct trap_frame *frame)
{
	struct trap_frame inside = hv_frame(0);
	unsigned int before = ++nmis;

	assert(frame->vector == VEC_NMI);
	(void)hv_take(&inside);
	assert(nmis == before);
}

void trap_note_nmi(struct trap_frame *frame) { notes += frame->vector == VEC_NMI; }
void trap_take_irq(struct trap_frame *frame) { assert(frame->vector == irq), traps++; }

static void take(struct trap_frame *frame)
{
	reason = panics = 0;
	cpus[0] = (struct hv_cpu){ 0 };
	if (!setjmp(end))
		(void)hv_take(frame);
}

static u64 rip_after(const u8 *at)
{
	struct trap_frame frame = hv_frame((u64)(uintptr_t)at);

	take(&frame);
	return frame.rip;
}

#define ADDRESS(symbol) ((u64)(uintptr_t)(symbol))

static void test_looks(void)
{
	u64 returned[(TF_SIZE - TF_RIP) / sizeof(u64)] = { 0x1234, 8, RFLAGS_IF, 0x5678, 16 };
	struct trap_frame frame = hv_frame(ADDRESS(hv_return_iret));

	assert(rip_after(doorbell_halt_check - 1) == ADDRESS(doorbell_halt_check - 1));
	assert(rip_after(doorbell_halt_check) == ADDRESS(doorbell_halt_end));
	assert(rip_after(doorbell_halt_end - 1) == ADDRESS(doorbell_halt_end));
	assert(rip_after(doorbell_halt_end) == ADDRESS(doorbell_halt_end));
	assert(rip_after(hv_return) == ADDRESS(hv_return));
	assert(rip_after(hv_return_iret - 1) == ADDRESS(hv_return));
	frame.rsp = ADDRESS(returned);
	take(&frame);
	assert(frame.rip == 0x1234 && frame.rsp == 0x5678 && frame.rflags == RFLAGS_IF);
}

static void test_nested(void)
{
	struct trap_frame frame = hv_frame(0);

	nested = NESTED_MAX - 1;
	take(&frame);
	assert(!reason && deepest == NESTED_MAX && !cpus[0].depth);
	nested = NESTED_MAX;
	take(&frame);
	assert(reason == TERM_NESTED);
}

static void test_signals(void)
{
	struct trap_frame frame = hv_frame(0);

	waiting = 3;
	take(&frame);
	assert(nmis == 3 && frame.vector == VEC_HV && !notes);
	waiting = 1;
	hv_take_still(&frame);
	assert(nmis == 3 && notes == 1);
	hv_deliver(&frame);
	assert(!traps);
	irq = 0x51;
	hv_deliver(&frame);
	assert(traps == 1 && frame.vector == 0x51);
}

int main(void)
{
	struct trap_frame frame = hv_frame(0);

	take(&frame);
	assert(panics == 1 && !reason);
	is_on = true; /* and no page yet */
	take(&frame);
	assert(!panics && !reason && !deepest);
	percpus[0].doorbell = (void *)&frame;
	test_looks();
	test_nested();
	test_signals();
	return 0;
}
