/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's own page tables, walked as the processor would. Spec: APM2 5.2-5.4.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/svm/insn.h"
#include "monitor/svm/vcpu.h"

/*
 * Translates @linear for @kind at the current privilege (@supervisor: as CPL 0). 0 with *@address,
 * C-bit included; or -E_FAULT with the page fault's *@error_code.
 */
must_check int walk(struct vcpu *v, u64 linear, enum rmp_access_kind kind, bool supervisor,
		    u64 *address, u32 *error_code);

/* Copies out of or into guest memory as the guest's supervisor; -E_FAULT as walk(). */
must_check int walk_read(struct vcpu *v, u64 linear, void *to, size_t size, u32 *error_code);
must_check int walk_write(struct vcpu *v, u64 linear, const void *from, size_t size,
			  u32 *error_code);

/*
 * The bytes at CS:RIP, of which there are as many as returned; 0: not even the first. Those of the
 * next page only if @next_page: to touch it may be a violation where the instruction does not.
 */
size_t walk_fetch(struct vcpu *v, u8 bytes[INSN_LENGTH_MAX], bool next_page);

/* The system instruction at CS:RIP; INSN_UNKNOWN where it is another one or cannot be fetched. */
struct insn walk_insn(struct vcpu *v);
/*
 * Its bytes as one number, in the order of memory: 0x0f01d9; RIP is @skipped bytes past it. For the
 * transcript.
 */
u64 walk_opcode(struct vcpu *v, unsigned int skipped);
