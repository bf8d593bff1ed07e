/* SPDX-License-Identifier: Apache-2.0 */
/*
 * #VC, the exception by which an SEV-ES or SNP processor tells its guest that an instruction needs
 * the hypervisor. Spec: APM2 15.35.5, GHCB 4.
 * Runs on a stack of its own that cannot be nested: nothing in here may raise a #VC.
 * Does not: exits from user mode.
 */
#pragma once

#include "lib/trap_frame.h"
#include "paravirt/ghcb.h"
#include "paravirt/insn.h"

/* The value of hook handle_vc. */
void vc_handle(struct trap_frame *frame);

/* One #VC at work. */
struct vc {
	struct trap_frame *frame;
	struct insn insn;
	struct ghcb_exception exception;
};

/* 0: done; -E_FAULT: the hypervisor answered with vc->exception; -E_INVAL: not supported. */
int must_check vc_io(struct vc *vc);
int must_check vc_mmio(struct vc *vc);

/* The register with this number in the frame. */
u64 *vc_register(struct trap_frame *frame, unsigned int number);
/* Writes the low @size bytes of a register as an instruction does: 4 bytes clear the rest. */
void vc_write_register(u64 *reg, unsigned int size, u64 value);
/* The base that the instruction's segment override adds. */
u64 vc_segment_base(const struct insn *insn);
/* Moves a string register by @count elements of the instruction. */
void vc_step(const struct vc *vc, u64 *reg, u64 count);
/* How many elements the instruction moves: 1, or RCX (ECX). */
u64 vc_string_count(const struct vc *vc);
/* Counts RCX (ECX) down. */
void vc_string_done(const struct vc *vc, u64 count);
