/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's own page tables, walked as the processor would. Spec: APM2 5.2-5.4.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/svm/access.h"
#include "monitor/svm/vcpu.h"

/*
 * Translates @linear for @kind at the current privilege (@supervisor: as CPL 0). 0 with *@address,
 * C-bit included; or -E_FAULT with the page fault's *@error_code.
 */
must_check int walk(struct vcpu *v, u64 linear, enum access_kind kind, bool supervisor,
		    u64 *address, u32 *error_code);

/* Copies out of or into guest memory as the guest's supervisor; -E_FAULT as walk(). */
must_check int walk_read(struct vcpu *v, u64 linear, void *to, size_t size, u32 *error_code);
must_check int walk_write(struct vcpu *v, u64 linear, const void *from, size_t size,
			  u32 *error_code);

/* Room for what walk_fetch() writes; INSN_LENGTH_MAX bytes of it count. */
#define WALK_FETCH_ROOM 16

/*
 * Fetches what follows the @count bytes at CS:RIP that are there, up to the end of its page, and
 * returns how many there are then. No more: a page fault at *@address.
 */
size_t walk_fetch(struct vcpu *v, u8 bytes[WALK_FETCH_ROOM], size_t count, u64 *address,
		  u32 *error_code);
