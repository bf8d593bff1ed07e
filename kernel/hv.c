/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See hv.h.
 */
#include "kernel/hv.h"

#include "abi/ghcb.h"
#include "early/fatal.h"
#include "early/percpu.h"
#include "early/trap.h"
#include "kernel/traps.h"
#include "lib/addr.h"
#include "lib/compiler.h"
#include "lib/string.h"
#include "paravirt/snp.h"

/* What an honest host nests is one, inside an NMI's handler. */
#define NESTED_MAX 8

static struct hv_cpu {
	unsigned int depth;
	bool in_nmi;
} cpus[CPU_MAX];

/* Of hv_return.S, which calls these two functions. */
extern const u8 hv_return[], hv_return_iret[];
struct trap_frame *hv_take(struct trap_frame *frame);
void hv_deliver(struct trap_frame *frame);

static bool is_in(u64 rip, const u8 *start, const u8 *end)
{
	return rip - (u64)(uintptr_t)start < (u64)(end - start);
}

/*
 * Where the page was looked at, and nothing came, the look is void. On the way back it is begun
 * anew, or, at its IRET, this frame takes the place of the one that was to be returned to.
 */
static void void_look(struct trap_frame *frame)
{
	if (is_in(frame->rip, doorbell_halt_check, doorbell_halt_end))
		frame->rip = (u64)(uintptr_t)doorbell_halt_end;
	else if (is_in(frame->rip, hv_return, hv_return_iret))
		frame->rip = (u64)(uintptr_t)hv_return;
	else if (frame->rip == (u64)(uintptr_t)hv_return_iret)
		memcpy(&frame->rip, va_ptr(va(frame->rsp)), TF_SIZE - TF_RIP);
}

/* One at a time, as the processor has it; one that comes meanwhile stays in the page. */
static void take_signal(struct trap_frame *frame, struct hv_cpu *cpu, irq_handler_t take_nmi)
{
	while (doorbell_take_signal(!READ_ONCE(cpu->in_nmi))) {
		WRITE_ONCE(cpu->in_nmi, true);
		frame->vector = VEC_NMI;
		take_nmi(frame);
		frame->vector = VEC_HV;
		WRITE_ONCE(cpu->in_nmi, false);
	}
}

static void enter(struct trap_frame *frame, irq_handler_t take_nmi)
{
	struct hv_cpu *cpu = &cpus[cpu_index()];

	if (!doorbell_is_on())
		trap_panic(frame);
	if (!percpus[cpu_index()].doorbell)
		return; /* to one that is on its way up: for nothing */
	if (cpu->depth == NESTED_MAX)
		fatal(TERM_NESTED, "#HV inside of #HV, more than a host has a reason for");
	WRITE_ONCE(cpu->depth, cpu->depth + 1);
	barrier();
	void_look(frame);
	take_signal(frame, cpu, take_nmi);
	barrier();
	WRITE_ONCE(cpu->depth, cpu->depth - 1);
}

/* Who goes on may be interrupted again, and by a #VC of the handler: its stack must be free. */
static struct trap_frame *leave_vc_stack(const struct trap_frame *frame)
{
	struct trap_frame *to = va_ptr(va(align_down(frame->rsp - TF_SIZE, 16)));

	*to = *frame;
	return to;
}

/* The frame that hv_return goes back by; NULL: interrupts are off there. */
struct trap_frame *hv_take(struct trap_frame *frame)
{
	bool is_vc = frame->vector == VEC_VC;

	if (frame->vector == VEC_HV)
		enter(frame, trap_take_nmi);
	else
		trap_take(frame);
	if (!(frame->rflags & RFLAGS_IF))
		return NULL;
	return is_vc ? leave_vc_stack(frame) : frame;
}

void hv_take_still(struct trap_frame *frame) { enter(frame, trap_note_nmi); }

/* One at a time, with a look at the page after each. */
void hv_deliver(struct trap_frame *frame)
{
	unsigned int vector = doorbell_take_vector();

	if (!vector)
		return;
	frame->vector = vector;
	trap_take_irq(frame);
}
