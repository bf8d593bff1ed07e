/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IDT and the early handler.
 */
#include "early/trap.h"
#include "abi/sev.h"
#include "abi/x86.h"
#include "early/early_vc.h"
#include "early/entry.h"
#include "early/percpu.h"
#include "early/tdx.h"
#include "early/trap_stubs.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/panic.h"

/* APM2 4.8.3, a 64-bit interrupt gate */
#define GATE_PRESENT_INTERRUPT 0x8e

struct gate {
	u16 offset_low;
	u16 selector;
	u8 ist;
	u8 type;
	u16 offset_middle;
	u32 offset_high;
	u32 reserved;
};
ABI_SIZE(struct gate, 16);

static __ro_after_init __aligned_page struct gate idt[VEC_COUNT];
__ro_after_init trap_handler_t trap_handler, trap_still_handler;

static u32 ignored;
static bool had_nmi;

/*
 * A host may send any of these to any guest: none of them makes it another kind of guest. Nobody
 * asked for an interrupt or NMI yet, so that as in Linux it is left at that (fixup_exception(): an
 * early NMI), but that it is counted.
 */
static void early_trap(struct trap_frame *frame)
{
	/* What it stands for stays in the page, if there is one, until interrupts are enabled. */
	if (frame->vector == VEC_HV && entry_record.sev_status & SEV_STATUS_RESTRICTED_INJECTION)
		return;
	if (frame->vector == VEC_NMI || frame->vector >= VEC_IRQ_FIRST) {
		had_nmi |= frame->vector == VEC_NMI;
		ignored++;
	} else if (frame->vector == VEC_VC && early_vc_may_come())
		early_vc(frame);
	else if (frame->vector == VEC_VE && entry_record.tdx)
		tdx_early_ve(frame);
	else if (!trap_fixup(frame))
		trap_panic(frame);
}

void trap_set_handler(trap_handler_t handler) { trap_handler = handler; }

void trap_set_still_handler(trap_handler_t handler) { trap_still_handler = handler; }

void trap_set_still(bool is_still) { WRITE_ONCE(percpus[cpu_index()].is_still, is_still); }

void trap_set_ist(unsigned int vector, unsigned int ist) { idt[vector].ist = (u8)ist; }

void trap_load(void)
{
	const struct table_register idtr = { sizeof(idt) - 1, (u64)(uintptr_t)idt };

	lidt(&idtr);
}

void trap_prepare(u16 selector)
{
	for (unsigned int vector = 0; vector < VEC_COUNT; vector++) {
		u64 stub = (u64)(uintptr_t)trap_stubs + (u64)vector * TRAP_STUB_SIZE;

		idt[vector] = (struct gate){
			.offset_low = (u16)stub,
			.selector = selector,
			.type = GATE_PRESENT_INTERRUPT,
			.offset_middle = (u16)(stub >> 16),
			.offset_high = (u32)(stub >> 32),
		};
	}
	trap_handler = early_trap;
}

void trap_init(void)
{
	trap_prepare(SEL_CODE64);
	trap_load();
}

u32 trap_ignored(void) { return ignored; }

bool trap_ignored_nmi(void) { return had_nmi; }

bool trap_is_early(void) { return trap_handler == early_trap; }

bool trap_fixup(struct trap_frame *frame)
{
	u64 fixup = extable_find(frame->rip);

	if (!fixup || !(BIT(frame->vector) & VEC_BY_INSTRUCTION))
		return false;
	frame->rip = fixup;
	frame->rax = frame->error_code << 32 | EXTABLE_FAULT | frame->vector;
	return true;
}
