/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GDT, TSS and the final handler.
 *
 * #VC may come at any instruction, also inside the #VC handler and inside an NMI that came there.
 * So the stack of the next #VC is moved below what is in use: by a slot for each level of #VC, and
 * by an NMI that interrupted the stack of #VC to below the point where it did. The IRET of a #VC
 * inside an NMI lets the next NMI in, which has a slot of its own for that. #VE has that stack too,
 * so that what it does to the interrupted one (PUSH of a device's register) meets no frame there.
 * Spec: APM2 8.9 (long-mode interrupts), 12.2.5 (TSS).
 */
#include "early/fatal.h"
#include "kernel/traps.h"
#include "abi/ghcb.h"
#include "abi/x86.h"
#include "early/entry.h"
#include "early/percpu.h"
#include "early/trap.h"
#include "kernel/apic.h"
#include "kernel/console.h"
#include "kernel/hv.h"
#include "lib/addr.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "paravirt/snp.h"
#include "paravirt/pv_ops.h"
#include "paravirt/pv_pages.h"

#define IST_DF  1
#define IST_NMI 2
#define IST_VC  3

#define VC_SLOT_SIZE  0x4000
#define NMI_SLOT_SIZE 0x4000

#define GDT_CODE64 U64_C(0x00af9b000000ffff)
#define GDT_DATA   U64_C(0x00cf93000000ffff)
#define GDT_CODE32 U64_C(0x00cf9b000000ffff)
#define GDT_TSS    U64_C(0x0000890000000000)

struct __packed tss {
	u32 reserved_0x00;
	u64 rsp[3];
	u64 ist[8]; /* ist[0] is reserved */
	u64 reserved_0x5c;
	u16 reserved_0x64;
	u16 iomap_base;
};
ABI_SIZE(struct tss, 0x68);

struct gdt {
	u64 null, code64, data, code32, tss[2];
};
ABI_OFFSET(struct gdt, code64, SEL_CODE64);
ABI_OFFSET(struct gdt, data, SEL_DATA);
ABI_OFFSET(struct gdt, code32, SEL_CODE32);
ABI_OFFSET(struct gdt, tss, SEL_TSS);

/* Of each processor. Not sealed: the processor sets the TSS's busy bit, and IST_VC moves. */
static __guarded struct cpu_tables {
	struct gdt gdt;
	struct tss tss;
	u64 irq_total;
	u32 nmi_total;
} cpus[CPU_MAX];

static irq_handler_t irq_handlers[VEC_COUNT];
static u32 unexpected[VEC_COUNT];
static bool is_said[VEC_COUNT];

/* As in Linux (default_do_nmi(), vector without a handler): no reason to end, but one to tell. */
static void say_unexpected(unsigned int vector)
{
	if (irq_unexpected(vector) && console_has_way() &&
	    !__atomic_exchange_n(&is_said[vector], true, __ATOMIC_RELAXED))
		log_error("%s (vector %u): nobody expects it; from now on it is only counted",
			  trap_name(vector), vector);
}

static void note_unexpected(struct trap_frame *frame)
{
	__atomic_fetch_add(&unexpected[frame->vector], 1, __ATOMIC_RELAXED);
	say_unexpected((unsigned int)frame->vector);
}

void traps_say_unexpected(void)
{
	for (unsigned int vector = 0; vector < VEC_COUNT; vector++)
		say_unexpected(vector);
}

u32 irq_unexpected(unsigned int vector)
{
	return __atomic_load_n(&unexpected[vector], __ATOMIC_RELAXED);
}

/*
 * Moves the next one's stack by a slot, where there is room for two: this one's and the next. What
 * it interrupted was not in this slot: else its frame, of one that had not moved the stack yet, or
 * had it back, is overwritten. Only a host that injects at will comes there (APM2 15.20).
 */
static void take_slot(unsigned int cpu, unsigned int ist, unsigned int stack, u64 slot_size,
		      u64 interrupted)
{
	u64 *next = &cpus[cpu].tss.ist[ist];

	if (interrupted <= *next && interrupted > *next - slot_size)
		fatal(TERM_NESTED, "a trap on top of another, whose frame is lost");
	if (*next - slot_size < stack_top(cpu, stack) - STACK_SIZE + slot_size)
		fatal(TERM_NESTED, "traps inside of traps, more than their stack holds");
	*next -= slot_size;
}

/* #VC or #VE: no guest has both, so that they share the stack. */
static void take_exit(struct trap_frame *frame)
{
	unsigned int cpu = cpu_index();
	u64 *ist = cpus[cpu].tss.ist, stack = ist[IST_VC];

	take_slot(cpu, IST_VC, STACK_VC, VC_SLOT_SIZE, frame->rsp);
	pv_handle_exception(frame);
	ist[IST_VC] = stack;
}

static void count_nmi(unsigned int cpu)
{
	WRITE_ONCE(cpus[cpu].nmi_total, cpus[cpu].nmi_total + 1);
}

static void take_nmi(struct trap_frame *frame, irq_handler_t handler)
{
	unsigned int cpu = cpu_index();
	u64 *ist = cpus[cpu].tss.ist, stack = ist[IST_VC];
	u64 top = stack_top(cpu, STACK_VC);

	take_slot(cpu, IST_NMI, STACK_NMI, NMI_SLOT_SIZE, frame->rsp);
	if (frame->rsp <= top && frame->rsp > top - STACK_SIZE && frame->rsp < stack)
		ist[IST_VC] = align_down(frame->rsp, 16);
	count_nmi(cpu);
	handler(frame);
	ist[IST_VC] = stack;
}

void trap_leave_nmi(void)
{
	if (trap_is_early())
		return;
	cpus[cpu_index()].tss.ist[IST_NMI] += NMI_SLOT_SIZE;
	pv_nmi_complete();
}

static irq_handler_t nmi_handler(void)
{
	return irq_handlers[VEC_NMI] ? irq_handlers[VEC_NMI] : note_unexpected;
}

/* Where the NMI's handler is on the stack of #VC, it has a slot there before a #VC of its own. */
static void keep_vc_stack(unsigned int cpu, const struct trap_frame *frame)
{
	u64 *ist = cpus[cpu].tss.ist, at = va_of(frame).value;
	u64 bottom = stack_top(cpu, STACK_VC) - STACK_SIZE;

	if (at < bottom || at >= bottom + STACK_SIZE)
		return;
	if (at - bottom < 2 * VC_SLOT_SIZE)
		fatal(TERM_NESTED, "an NMI inside of traps, more than their stack holds");
	if (at - VC_SLOT_SIZE < ist[IST_VC])
		ist[IST_VC] = align_down(at - VC_SLOT_SIZE, (u64)16);
}

void trap_take_nmi(struct trap_frame *frame)
{
	unsigned int cpu = cpu_index();
	u64 stack = cpus[cpu].tss.ist[IST_VC];

	keep_vc_stack(cpu, frame);
	count_nmi(cpu);
	nmi_handler()(frame);
	cpus[cpu].tss.ist[IST_VC] = stack;
}

void trap_note_nmi(struct trap_frame *frame)
{
	count_nmi(cpu_index());
	note_unexpected(frame);
}

/*
 * Where interrupts are off no processor delivers one: it is of a host that injects it at will (APM2
 * 15.20), amid what relies on that. No handler runs, and there is none in service to end.
 */
static bool is_injected(const struct trap_frame *frame) { return !(frame->rflags & RFLAGS_IF); }

void trap_take_irq(struct trap_frame *frame)
{
	if (is_injected(frame)) {
		note_unexpected(frame);
		return;
	}
	cpus[cpu_index()].irq_total++;
	if (frame->vector == VEC_SPURIOUS)
		return;
	if (irq_handlers[frame->vector]) {
		irq_handlers[frame->vector](frame);
		return;
	}
	note_unexpected(frame);
	apic_end_unexpected((unsigned int)frame->vector);
}

void trap_take(struct trap_frame *frame)
{
	if (frame->vector == VEC_VC || frame->vector == VEC_VE)
		take_exit(frame);
	else if (frame->vector == VEC_NMI)
		take_nmi(frame, nmi_handler());
	else if (frame->vector >= VEC_IRQ_FIRST)
		trap_take_irq(frame);
	else if (frame->vector == VEC_PF && irq_handlers[VEC_PF])
		irq_handlers[VEC_PF](frame);
	else if (frame->vector == VEC_PF && frame->rflags & RFLAGS_IF &&
		 pv_async_pf_fault(read_cr2()))
		return;
	else if (!trap_fixup(frame))
		trap_panic(frame);
}

/*
 * Of a processor that stands still: nobody's handler but ours, and no site. Interrupts are off
 * there: one that comes all the same is of a host that injects it, and is not in service.
 */
static void take_still(struct trap_frame *frame)
{
	if (frame->vector == VEC_VC || frame->vector == VEC_VE)
		take_exit(frame);
	else if (frame->vector == VEC_NMI)
		take_nmi(frame, note_unexpected);
	else if (frame->vector == VEC_HV)
		hv_take_still(frame);
	else if (frame->vector >= VEC_IRQ_FIRST)
		note_unexpected(frame);
	else if (!trap_fixup(frame))
		trap_panic(frame);
}

/* APM2 4.8.3, the 16-byte TSS descriptor: base in [39:16], [63:56] and the next quadword */
static void set_tss_descriptor(struct gdt *gdt, u64 base)
{
	gdt->tss[0] = GDT_TSS | (sizeof(struct tss) - 1) | bits_put(base, 39, 16) |
		      bits_put(base >> 24, 63, 56);
	gdt->tss[1] = base >> 32;
}

void traps_init_cpu(void)
{
	struct cpu_tables *cpu = &cpus[cpu_index()];
	const struct table_register gdtr = { sizeof(cpu->gdt) - 1, va_of(&cpu->gdt).value };

	cpu->gdt = (struct gdt){ .code64 = GDT_CODE64, .data = GDT_DATA, .code32 = GDT_CODE32 };
	set_tss_descriptor(&cpu->gdt, va_of(&cpu->tss).value);
	cpu->tss.iomap_base = sizeof(cpu->tss);
	cpu->tss.ist[IST_DF] = stack_top(cpu_index(), STACK_DF);
	cpu->tss.ist[IST_NMI] = stack_top(cpu_index(), STACK_NMI);
	cpu->tss.ist[IST_VC] = stack_top(cpu_index(), STACK_VC);
	/* The selectors in use keep their meaning, so nothing needs to be reloaded. */
	lgdt(&gdtr);
	ltr(SEL_TSS);
	trap_load();
}

void traps_init(void)
{
	traps_init_cpu();
	trap_set_ist(VEC_DF, IST_DF);
	trap_set_ist(VEC_NMI, IST_NMI);
	trap_set_ist(VEC_VC, IST_VC);
	trap_set_ist(VEC_VE, IST_VC);
	trap_set_still_handler(take_still);
	trap_set_handler(doorbell_is_on() ? hv_trap_entry : trap_take);
	if (trap_ignored())
		log_error("%u interrupts or NMIs came before anybody could expect one",
			  trap_ignored());
	if (trap_ignored_nmi())
		pv_nmi_complete();
}

void irq_register(unsigned int vector, irq_handler_t handler)
{
	CHECK(vector < VEC_COUNT &&
	      (vector >= VEC_IRQ_FIRST || vector == VEC_NMI || vector == VEC_PF));
	irq_handlers[vector] = handler;
}

u32 nmi_count(unsigned int cpu) { return READ_ONCE(cpus[cpu].nmi_total); }

u64 irq_count(void) { return cpus[cpu_index()].irq_total; }
