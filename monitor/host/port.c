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
#include "monitor/host/port_string.h"
#include "monitor/machine/ports.h"
#include "monitor/svm/exit_context.h"
#include "monitor/svm/mmio_guard.h"
#include "monitor/svm/pages.h"
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

void port_exit(struct vcpu *v)
{
	u64 info = v->vmcb->control.exit_info_1;
	u16 port = (u16)(info >> IOIO_PORT_SHIFT);
	unsigned int size = info & IOIO_DATA_8 ? 1 : info & IOIO_DATA_16 ? 2 : 4;
	u64 *rax = &v->vmcb->save.rax;

	if (info & IOIO_TYPE_STR) {
		port_string_exit(v, port, size);
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
