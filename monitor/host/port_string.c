/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See port_string.h. The segment's faults come before the pages', and both before the port is
 * touched.
 */
#include "monitor/host/port_string.h"

#include "lib/compiler.h"
#include "monitor/host/port.h"
#include "monitor/svm/exit_context.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/segment.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/walk.h"

/* What string I/O reads, or writes. */
struct string {
	enum insn_segment segment;
	enum access_kind kind;
	unsigned int size; /* of an item */
	u64 offset, mask;  /* of the first one, of its address's size */
};

/* A result of 32 bits clears what is above, one of 16 keeps it. */
static void add_masked(u64 *reg, u64 delta, u64 mask)
{
	u64 kept = mask >> 16 ? 0 : ~mask;

	*reg = (*reg & kept) | ((*reg + delta) & mask);
}

/*
 * Of @left items those that are done at once, from the first one at @linear, which is reached: with
 * REP as many as are in one page, and in the segment, before the index comes round; the instruction
 * is then run again. With TF each repetition traps.
 */
static u64 string_items(const struct vcpu *v, const struct string *s, u64 linear, u64 left)
{
	u64 most = (PAGE_SIZE - linear % PAGE_SIZE) / s->size;
	u64 around = (s->mask - s->offset) / s->size;

	if (most > around)
		most = around;
	if (most > left)
		most = left;
	if (!most || v->vmcb->save.rflags & (RFLAGS_TF | RFLAGS_DF) ||
	    !segment_reaches(v, s->segment, s->kind, s->offset, most * s->size, &linear))
		return 1;
	return most;
}

/* Before the port is touched: a page that is not there is a #PF. */
static bool string_reaches(struct vcpu *v, u64 linear, u64 size, enum access_kind kind)
{
	const u64 ends[] = { linear, linear + size - 1 };
	u32 error_code;
	u64 address;

	for (unsigned int i = 0; i < array_count(ends); i++)
		if (walk(v, ends[i], kind, false, &address, &error_code)) {
			v->vmcb->save.cr2 = ends[i];
			inject_exception_error(v, VEC_PF, error_code);
			return false;
		}
	return true;
}

static void string_move(struct vcpu *v, u16 port, unsigned int size, u64 linear, u64 items, bool in)
{
	static u8 buffer[PAGE_SIZE];
	u32 error_code;
	int error;

	if (in)
		port_in_string(v, port, size, buffer, items);
	error = in ? walk_write(v, linear, buffer, items * size, &error_code)
		   : walk_read(v, linear, buffer, items * size, &error_code);
	if (error)
		stop_crashed(v, "string I/O between a port and a device's memory");
	if (!in)
		port_out_string(v, port, size, buffer, items);
}

/* How many items are done; 0: the guest has been told why not. */
static u64 string_do(struct vcpu *v, u16 port, const struct string *s, u64 left)
{
	bool in = s->kind == ACCESS_WRITE;
	u64 linear, items;

	if (!segment_reaches(v, s->segment, s->kind, s->offset, s->size, &linear)) {
		segment_refuse(v, s->segment);
		return 0;
	}
	items = string_items(v, s, linear, left);
	if (!string_reaches(v, linear, items * s->size, s->kind))
		return 0;
	string_move(v, port, s->size, linear, items, in);
	return items;
}

/* In 64-bit mode there is no other segment, whatever the prefix: APM3 1.2.4 */
static enum insn_segment string_segment(const struct vcpu *v, const struct insn *insn)
{
	return vcpu_is_64bit(v) && insn->segment == INSN_SEGMENT_SS ? INSN_SEGMENT_DS
								    : insn->segment;
}

void port_string_exit(struct vcpu *v, u16 port, unsigned int size)
{
	const struct insn *insn = exit_insn(v);
	bool in = insn->kind == INSN_INS;
	u64 mask = bits_mask(8 * insn->address_size), *count = vcpu_reg(v, REG_RCX);
	u64 *index = vcpu_reg(v, in ? REG_RDI : REG_RSI);
	const struct string s = { .segment = string_segment(v, insn),
				  .kind = in ? ACCESS_WRITE : ACCESS_READ,
				  .size = size,
				  .offset = *index & mask,
				  .mask = mask };
	u64 left = insn->rep ? *count & mask : 1, items = left ? string_do(v, port, &s, left) : 0;

	if (left && !items)
		return;
	add_masked(index, v->vmcb->save.rflags & RFLAGS_DF ? -items * size : items * size, mask);
	if (insn->rep)
		add_masked(count, -items, mask);
	if (items == left)
		exit_finish(v);
	else
		exit_repeat(v);
}
