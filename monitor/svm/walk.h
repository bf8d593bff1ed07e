/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's own page tables, walked as the processor would. Spec: APM2 5.2-5.4.
 */
#pragma once

#include "lib/compiler.h"
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

/*
 * What the guest has at @linear, to the end of its page, as page_peek() has it: for who looks on.
 * NULL: nothing that could be seen so.
 */
const void *walk_peek(struct vcpu *v, u64 linear);

/*
 * The same walk would come to the same: it depends on these registers, on the states of the pages
 * that it reads, and on the entries. Inline, and without a call, since each exit asks it of its
 * instruction. False too where any page's state has changed at all: then walk_is_current() knows.
 */
static inline bool walk_is_unchanged(const struct vcpu *v, const struct walk_translation *t)
{
	const struct vmsa *s = &v->vmcb->save;

	if (t->npt != v->npt || t->npt_changes != t->npt->changes || t->cr3 != s->cr3 ||
	    t->cr0 != s->cr0 || t->cr4 != s->cr4 || t->efer != s->efer)
		return false;
#pragma clang loop unroll(full)
	for (unsigned int i = 0; i < WALK_LEVELS_MAX; i++)
		if (READ_ONCE(*t->levels[i].entry) != t->levels[i].value)
			return false;
	return true;
}

/* The same where the states of other pages have changed. */
bool walk_is_current(const struct vcpu *v, struct walk_translation *t);

/*
 * The translation of the page at CS:RIP that was fetched from, to be kept and asked
 * walk_is_current() of. NULL: there is none that can be kept.
 */
const struct walk_translation *walk_of_text(struct vcpu *v);

/*
 * Stores to the byte at CS:RIP what is there, so that nobody can tell, but that QEMU translates
 * what is there now.
 */
void walk_touch_text(struct vcpu *v);

/* Room for what walk_fetch() writes; INSN_LENGTH_MAX bytes of it count. */
#define WALK_FETCH_ROOM 16

/*
 * Fetches what follows the @count bytes at CS:RIP that are there, up to the end of its page, and
 * returns how many there are then. No more: a page fault at *@address.
 */
size_t walk_fetch(struct vcpu *v, u8 bytes[WALK_FETCH_ROOM], size_t count, u64 *address,
		  u32 *error_code);
