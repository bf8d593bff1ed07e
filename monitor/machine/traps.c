/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IDTs behind traps.h. A fault of the monitor's own goes on at its fixup or ends the run with
 * registers and a backtrace. Uses no IST: the guest's TSS stays loaded while the monitor runs.
 */
#include "monitor/machine/traps.h"

#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/trap_frame.h"
#include "monitor/machine/end.h"
#include "monitor/machine/entry.h"

#define GATE_INTERRUPT 0x8e

struct idt_gate {
	u16 offset_low;
	u16 selector;
	u8 ist;
	u8 type;
	u16 offset_middle;
	u32 offset_high;
	u32 reserved;
};
ABI_SIZE(struct idt_gate, 16);

extern const u8 trap_stubs[], ack_stubs[];
void trap_handle(struct trap_frame *frame);

static struct idt_gate trap_idt[VEC_COUNT], ack_idt[VEC_COUNT];
struct table_register trap_idt_register = { sizeof(trap_idt) - 1, (u64)trap_idt };
struct table_register ack_idt_register = { sizeof(ack_idt) - 1, (u64)ack_idt };

static void idt_fill(struct idt_gate *idt, const u8 *stubs)
{
	for (int i = 0; i < VEC_COUNT; i++) {
		u64 address = (u64)stubs + (u64)i * TRAP_STUB_SIZE;

		idt[i] = (struct idt_gate){
			.offset_low = (u16)address,
			.selector = HOST_CS,
			.type = GATE_INTERRUPT,
			.offset_middle = (u16)(address >> 16),
			.offset_high = (u32)(address >> 32),
		};
	}
}

void traps_init(void)
{
	idt_fill(trap_idt, trap_stubs);
	idt_fill(ack_idt, ack_stubs);
	traps_load();
}

void traps_load(void) { lidt(&trap_idt_register); }

void trap_handle(struct trap_frame *f)
{
	u64 fixup = f->vector < 32 ? extable_find(f->rip) : 0;

	if (fixup) {
		f->rip = fixup;
		f->rax = f->error_code << 32 | EXTABLE_FAULT | f->vector;
		return;
	}
	end_begin();
	log_error("trap %lu error %#lx at %#lx, cr2 %#lx cr3 %#lx", f->vector, f->error_code,
		  f->rip, read_cr2(), read_cr3());
	log_error("rax %#lx rbx %#lx rcx %#lx rdx %#lx", f->rax, f->rbx, f->rcx, f->rdx);
	log_error("rsi %#lx rdi %#lx rbp %#lx rsp %#lx", f->rsi, f->rdi, f->rbp, f->rsp);
	log_error("r8 %#lx r9 %#lx r10 %#lx r11 %#lx", f->r8, f->r9, f->r10, f->r11);
	log_error("r12 %#lx r13 %#lx r14 %#lx r15 %#lx", f->r12, f->r13, f->r14, f->r15);
	backtrace_print(f->rip, f->rbp);
	panic("the monitor took trap %lu at %#lx", f->vector, f->rip);
}
