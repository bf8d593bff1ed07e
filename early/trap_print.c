/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of the run by a trap that nobody expected: a backtrace, and where the host sees them
 * anyhow, registers and the faulting address.
 */
#include "abi/x86.h"
#include "early/trap.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/symbols.h"

const char *trap_name(u64 vector)
{
	static const char *const names[32] = {
		[VEC_DE] = "#DE", [VEC_DB] = "#DB", [VEC_NMI] = "NMI", [VEC_BP] = "#BP",
		[VEC_OF] = "#OF", [VEC_BR] = "#BR", [VEC_UD] = "#UD",  [VEC_NM] = "#NM",
		[VEC_DF] = "#DF", [VEC_TS] = "#TS", [VEC_NP] = "#NP",  [VEC_SS] = "#SS",
		[VEC_GP] = "#GP", [VEC_PF] = "#PF", [VEC_MF] = "#MF",  [VEC_AC] = "#AC",
		[VEC_MC] = "#MC", [VEC_XF] = "#XF", [VEC_VE] = "#VE",  [VEC_CP] = "#CP",
		[VEC_HV] = "#HV", [VEC_VC] = "#VC", [VEC_SX] = "#SX",
	};

	if (vector >= 32)
		return "interrupt";
	return names[vector] ? names[vector] : "reserved exception";
}

static void print_registers(const struct trap_frame *f)
{
	log_error("rax %016lx rbx %016lx rcx %016lx rdx %016lx", f->rax, f->rbx, f->rcx, f->rdx);
	log_error("rsi %016lx rdi %016lx rbp %016lx rsp %016lx", f->rsi, f->rdi, f->rbp, f->rsp);
	log_error("r8  %016lx r9  %016lx r10 %016lx r11 %016lx", f->r8, f->r9, f->r10, f->r11);
	log_error("r12 %016lx r13 %016lx r14 %016lx r15 %016lx", f->r12, f->r13, f->r14, f->r15);
	log_error("rip %016lx rflags %08lx cs %04lx ss %04lx", f->rip, f->rflags, f->cs, f->ss);
	log_error("cr0 %08lx cr2 %016lx cr3 %016lx cr4 %08lx", read_cr0(), read_cr2(), read_cr3(),
		  read_cr4());
}

/* RIP only where it is an address of our code: elsewhere it is a value that a register had. */
static noreturn_t panic_hidden(const struct trap_frame *frame)
{
	u64 offset;

	if (!symbol_lookup(frame->rip, &offset))
		panic_from(frame->rip, frame->rbp, "%s (vector %lu)", trap_name(frame->vector),
			   frame->vector);
	panic_from(frame->rip, frame->rbp, "%s (vector %lu) at %#lx", trap_name(frame->vector),
		   frame->vector, frame->rip);
}

noreturn_t trap_panic(const struct trap_frame *frame)
{
	panic_enter(trap_name(frame->vector));
	if (!panic_may_show_state())
		panic_hidden(frame);
	print_registers(frame);
	if (frame->vector == VEC_PF)
		panic_from(frame->rip, frame->rbp, "%s at %#lx, address %#lx, error code %#lx",
			   trap_name(frame->vector), frame->rip, read_cr2(), frame->error_code);
	panic_from(frame->rip, frame->rbp, "%s (vector %lu) at %#lx, error code %#lx",
		   trap_name(frame->vector), frame->vector, frame->rip, frame->error_code);
}
