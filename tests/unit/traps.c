/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the stack of the next #VC, or NMI, lies: below whatever is in use, by a slot a level; where
 * there is no room for one more the guest ends, before what is below is written. Whatever nests,
 * all of it is given back in the end. One that a host injects on top of another, before that has
 * moved the stack, has overwritten its frame: the guest ends, and does not go round in a circle.
 * RUN: %unit-cc %s -iquote %S/Inputs/traps -fno-sanitize=alignment -o %t
 */
#include <assert.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cpu.h"

#define read_gs32(offset) 0U /* the boot processor */
#define read_cr2()        U64_C(0)
#include "../../kernel/traps.c"

struct percpu percpus[CPU_MAX];
static __aligned_page struct stack own_stacks[STACK_COUNT];

static jmp_buf end;
static char said[64];
static unsigned int levels; /* of #VC, each inside of the one before */
static unsigned int inside; /* how deep it is */
static u64 lowest;
static u64 interrupted; /* RSP there; 0: of a handler on the stack of #VC */

noreturn_t fatal(unsigned int why, const char *fmt, ...)
{
	assert(why == TERM_NESTED);
	strncpy(said, fmt, sizeof(said) - 1);
	longjmp(end, 1);
}

noreturn_t panic(const char *fmt, ...) { (void)fmt, abort(); }
noreturn_t trap_panic(const struct trap_frame *frame) { (void)frame, abort(); }
bool trap_fixup(struct trap_frame *frame) { return (void)frame, false; }
const char *trap_name(u64 vector) { return (void)vector, ""; }
void log_error(const char *fmt, ...) { (void)fmt; }
bool console_has_way(void) { return false; }
bool pv_async_pf_fault(u64 address) { return (void)address, false; }
void apic_end_unexpected(unsigned int vector) { (void)vector; }
bool doorbell_is_on(void) { return false; }
void hv_trap_entry(struct trap_frame *frame) { (void)frame; }
void hv_take_still(struct trap_frame *frame) { (void)frame; }
void trap_load(void) {}
void trap_set_ist(unsigned int vector, unsigned int ist) { (void)vector, (void)ist; }
void trap_set_handler(trap_handler_t handler) { (void)handler; }
void trap_set_still_handler(trap_handler_t handler) { (void)handler; }
u32 trap_ignored(void) { return 0; }
bool trap_ignored_nmi(void) { return false; }
bool trap_is_early(void) { return false; }
static unsigned int completed;
void pv_nmi_complete(void) { completed++; }

static u64 *ist_of(unsigned int ist) { return &cpus[0].tss.ist[ist]; }

static void raise(unsigned int vector)
{
	struct trap_frame frame = { .vector = vector };

	frame.rsp = interrupted ? interrupted : *ist_of(IST_VC) + 0x100; /* a handler's */
	trap_take(&frame);
}

void pv_handle_exception(struct trap_frame *frame)
{
	(void)frame;
	inside++;
	lowest = *ist_of(IST_VC) < lowest ? *ist_of(IST_VC) : lowest;
	if (inside < levels)
		raise(VEC_VC);
	inside--;
}

static void begin(void)
{
	*ist_of(IST_VC) = lowest = stack_top(0, STACK_VC);
	*ist_of(IST_NMI) = stack_top(0, STACK_NMI);
	said[0] = '\0';
	inside = 0;
}

static void expect_ends(void (*body)(void), const char *sentence)
{
	begin();
	if (!setjmp(end))
		body();
	assert(!strcmp(said, sentence));
}

static void at_top(void) { raise(VEC_VC); }
static void nmi_at_top(void) { raise(VEC_NMI); }

#define ON_TOP "a trap on top of another, whose frame is lost"

static void test_on_top(void)
{
	const u64 top = stack_top(0, STACK_VC), nmi_top = stack_top(0, STACK_NMI);

	levels = 1;
	for (u64 used = 0; used < VC_SLOT_SIZE; used += 8) {
		interrupted = top - used;
		expect_ends(at_top, ON_TOP);
		interrupted = nmi_top - used;
		expect_ends(nmi_at_top, ON_TOP);
	}
	interrupted = top + 8;
	expect_ends(at_top, "");
	interrupted = nmi_top - NMI_SLOT_SIZE;
	expect_ends(at_top, "");
	interrupted = 0;
}

static void deep(void) { raise(VEC_VC); }

#define TOO_DEEP "traps inside of traps, more than their stack holds"

/* The last one that is let in has a slot, and the one that would end the guest another. */
static void test_vc(void)
{
	const unsigned int most = STACK_SIZE / VC_SLOT_SIZE - 1;
	u64 bottom = stack_top(0, STACK_VC) - STACK_SIZE;

	levels = most;
	expect_ends(deep, "");
	assert(*ist_of(IST_VC) == stack_top(0, STACK_VC) && lowest == bottom + VC_SLOT_SIZE);
	levels = most + 1;
	expect_ends(deep, TOO_DEEP);
	assert(lowest >= bottom + VC_SLOT_SIZE);
}

/* NMIs, none of which ends before the next comes. */
static unsigned int nmis;

static void take_nmis(struct trap_frame *frame)
{
	(void)frame;
	if (--nmis)
		raise(VEC_NMI);
}

static void all_at_once(void) { raise(VEC_NMI); }

static void test_nmi(void)
{
	const unsigned int most = STACK_SIZE / NMI_SLOT_SIZE - 1;

	irq_register(VEC_NMI, take_nmis);
	nmis = most;
	expect_ends(all_at_once, "");
	assert(*ist_of(IST_VC) == stack_top(0, STACK_VC));
	for (unsigned int i = 0; i < most; i++)
		trap_leave_nmi();
	assert(*ist_of(IST_NMI) == stack_top(0, STACK_NMI) && completed == most);
	nmis = most + 1;
	expect_ends(all_at_once, TOO_DEEP);
}

/* An NMI that #HV tells of runs on the stack of #VC where that interrupted a handler there. */
static struct trap_frame *at_frame;
static u64 seen;

static void look(struct trap_frame *frame) { seen = *ist_of(IST_VC), (void)frame; }

static void told(void) { trap_take_nmi(at_frame); }

static void test_told(void)
{
	u64 bottom = stack_top(0, STACK_VC) - STACK_SIZE;
	struct trap_frame elsewhere = { 0 };

	irq_register(VEC_NMI, look);
	at_frame = &elsewhere;
	expect_ends(told, "");
	assert(seen == stack_top(0, STACK_VC));
	at_frame = va_ptr(va(bottom + 2 * VC_SLOT_SIZE));
	expect_ends(told, "");
	assert(seen == bottom + VC_SLOT_SIZE && *ist_of(IST_VC) == stack_top(0, STACK_VC));
	at_frame = va_ptr(va(bottom + 2 * VC_SLOT_SIZE - 16));
	expect_ends(told, "an NMI inside of traps, more than their stack holds");
}

int main(void)
{
	percpus[0].stacks = own_stacks;
	test_on_top();
	test_vc();
	test_nmi();
	test_told();
	return 0;
}
