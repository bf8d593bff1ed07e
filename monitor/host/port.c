/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See port.h.
 */
#include "monitor/host/port.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "monitor/host/campaign.h"
#include "monitor/host/liar.h"
#include "monitor/machine/end.h"
#include "monitor/machine/high.h"
#include "monitor/host/pci_guard.h"
#include "monitor/host/port_guard.h"
#include "monitor/machine/ports.h"
#include "monitor/svm/exit_context.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/mmio_guard.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/segment.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/walk.h"
#include "monitor/svm/xapic.h"

/* Where a TPM would be: QEMU reads a hole as zeroes, which firmware takes for one that is busy. */
#define TPM_START 0xfed40000
#define TPM_SIZE  0x5000

u32 port_in(struct vcpu *v, u16 port, unsigned int size)
{
	u32 value = port_guard_has(port, size) ? port_guard_in(port, size)
					       : machine_port_in(port, size);

	value = liar_port(port, value);
	if (campaigning)
		value = campaign_port(port, value);
	TRACE(v->id, IOIO, "dir=in port=%#x size=%#x value=%#x", port, size, value);
	return value;
}

void port_out(struct vcpu *v, u16 port, unsigned int size, u32 value)
{
	TRACE(v->id, IOIO, "dir=out port=%#x size=%#x value=%#x", port, size, value);
	if (port_guard_has(port, size))
		port_guard_out(v, port, size, value);
	else
		machine_port_out(port, size, value);
}

void port_in_string(struct vcpu *v, u16 port, unsigned int size, void *data, u64 count)
{
	u8 *p = data;

	if (size == 1) {
		TRACE(v->id, IOIO, "dir=ins port=%#x size=0x1 count=%#lx", port, count);
		if (!port_guard_has(port, 1))
			insb(port, data, count);
		else
			for (u64 i = 0; i < count; i++)
				p[i] = (u8)port_guard_in(port, 1);
		if (campaigning)
			campaign_bytes(port, p, count);
		return;
	}
	for (u64 i = 0; i < count; i++, p += size) {
		u32 value = port_in(v, port, size);

		__builtin_memcpy(p, &value, size);
	}
}

void port_out_string(struct vcpu *v, u16 port, unsigned int size, const void *data, u64 count)
{
	const u8 *p = data;

	if (size == 1 && !port_guard_has(port, 1)) {
		TRACE(v->id, IOIO, "dir=outs port=%#x size=0x1 count=%#lx", port, count);
		outsb(port, data, count);
		return;
	}
	for (u64 i = 0; i < count; i++, p += size) {
		u32 value = 0;

		__builtin_memcpy(&value, p, size);
		port_out(v, port, size, value);
	}
}

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

/* The segment's faults come before the pages', and both before the port is touched. */
static void string_exit(struct vcpu *v, u16 port, unsigned int size)
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

void port_exit(struct vcpu *v)
{
	u64 info = v->vmcb->control.exit_info_1;
	u16 port = (u16)(info >> IOIO_PORT_SHIFT);
	unsigned int size = info & IOIO_DATA_8 ? 1 : info & IOIO_DATA_16 ? 2 : 4;
	u64 *rax = &v->vmcb->save.rax;

	if (info & IOIO_TYPE_STR) {
		string_exit(v, port, size);
		return;
	}
	exit_finish(v);
	if (!(info & IOIO_TYPE_IN))
		port_out(v, port, size, (u32)*rax);
	else if (size == 4)
		*rax = port_in(v, port, size);
	else
		*rax = (*rax & ~bits_mask(8 * size)) | port_in(v, port, size);
}

/*
 * Never over a page's end, as KVM has it for a TD: the pages' guards look at where an access
 * begins, and the machine would do the rest of it in the next one.
 */
static bool is_device(u64 gpa, unsigned int size)
{
	return size && gpa % PAGE_SIZE + size <= PAGE_SIZE && page_class(gpa) == PAGE_DEVICE &&
	       !page_is_own(gpa) && high_reach(gpa);
}

static int read_device(const struct vcpu *v, u64 gpa, unsigned int size, u64 *value)
{
	if (!is_device(gpa, size))
		return -E_INVAL;
	if (xapic_is_window(gpa)) {
		*value = xapic_mmio_read(v, gpa, size);
		return 0;
	}
	if (pci_guard_memory_in(gpa, size, value))
		return 0;
	*value = bits_mask(8 * size);
	if (gpa - TPM_START < TPM_SIZE)
		return 0;
	switch (size) {
	case 1: *value = *(volatile u8 *)gpa; return 0;
	case 2: *value = *(volatile u16 *)gpa; return 0;
	case 4: *value = *(volatile u32 *)gpa; return 0;
	case 8: *value = *(volatile u64 *)gpa; return 0;
	default: return -E_INVAL;
	}
}

int mmio_read(const struct vcpu *v, u64 gpa, unsigned int size, u64 *value)
{
	int error = read_device(v, gpa, size, value);

	if (error)
		return error;
	*value = liar_mmio(gpa, *value);
	if (campaigning)
		*value = campaign_mmio(gpa, *value);
	return 0;
}

int mmio_write(struct vcpu *v, u64 gpa, unsigned int size, u64 value)
{
	if (!is_device(gpa, size))
		return -E_INVAL;
	if (xapic_is_window(gpa)) {
		xapic_mmio_write(v, gpa, size, value);
		return 0;
	}
	if (mmio_guard_write(gpa, size, value) || pci_guard_memory_out(gpa, size, value))
		return 0;
	switch (size) {
	case 1: *(volatile u8 *)gpa = (u8)value; return 0;
	case 2: *(volatile u16 *)gpa = (u16)value; return 0;
	case 4: *(volatile u32 *)gpa = (u32)value; return 0;
	case 8: *(volatile u64 *)gpa = value; return 0;
	default: return -E_INVAL;
	}
}

void mmio_write_or_drop(struct vcpu *v, u64 gpa, unsigned int size, u64 value)
{
	if (mmio_write(v, gpa, size, value))
		return; /* nobody takes it */
}
