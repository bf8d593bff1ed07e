/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an instruction does that exits as #VC or #VE: fetched and decoded here, answered by the host
 * through the platform's requests, its registers and RIP moved on. One emulation for both; only the
 * way to the host differs.
 * Does not: exits from user mode.
 */
#pragma once

#include "lib/addr.h"
#include "lib/trap_frame.h"
#include "paravirt/host.h"
#include "paravirt/emulate/insn.h"

/* One exit at work. */
struct emulation {
	const struct emulate_trap *trap;
	const struct host_requests *host;
	struct trap_frame *frame;
	struct insn insn;
	u64 code;
	struct host_exception exception;
};

/* A reason, the instructions that can have it (a range of kinds), and who answers. */
struct emulate_exit {
	u64 code;
	enum insn_kind first, last;
	/* 0: done; -E_FAULT: em->exception is the answer; -E_INVAL: not supported. */
	int (*handle)(struct emulation *em);
};

/* Of #VC or #VE: what each reason asks, and whom. */
struct emulate_trap {
	const char *name; /* "#VC" */
	const struct host_requests *host;
	const struct emulate_exit *exits;
	size_t exit_count;
};

/*
 * Handles the exit @code of the instruction at frame->rip: returns with @frame behind it, or at the
 * fixup of the exception that the host answers with; terminates where it does not understand.
 */
void emulate(const struct emulate_trap *trap, struct trap_frame *frame, u64 code);

/* Handlers for the tables: IN OUT INS OUTS; RDMSR WRMSR; device memory; what may do nothing. */
int must_check emulate_io(struct emulation *em);
int must_check emulate_msr(struct emulation *em);
int must_check emulate_mmio(struct emulation *em);
int must_check emulate_nothing(struct emulation *em);

/* The register with this number in the frame. */
u64 *emulate_register(struct trap_frame *frame, unsigned int number);
/* Writes the low @size bytes of a register as an instruction does: 4 bytes clear the rest. */
void emulate_write_register(u64 *reg, unsigned int size, u64 value);
/* EDX:EAX, which clears the upper halves. */
void emulate_set_edx_eax(struct trap_frame *frame, u64 value);
/* The base that the instruction's segment override adds. */
u64 emulate_segment_base(const struct insn *insn);
/* Moves a string register by @count elements of the instruction. */
void emulate_step(const struct emulation *em, u64 *reg, u64 count);
/* How many elements the instruction moves: 1, or RCX (ECX). */
u64 emulate_string_count(const struct emulation *em);
/* Counts RCX (ECX) down. */
void emulate_string_done(const struct emulation *em, u64 count);
