/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See device.h.
 */
#include "monitor/hardware/l1/device.h"

#include "abi/ghcb.h"
#include "abi/x86.h"
#include "lib/cpu.h"
#include "monitor/hardware/l1/apic.h"
#include "monitor/hardware/l1/device_string.h"
#include "monitor/hardware/l1/fw_cfg.h"
#include "monitor/hardware/l1/gates.h"
#include "monitor/hardware/l1/interrupts.h"
#include "monitor/hardware/l1/iommu.h"
#include "monitor/hardware/l1/pci.h"
#include "monitor/hardware/l1/psp.h"
#include "monitor/machine/ports.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/stop.h"

/* Who is first has an address that two claim: what the chip has before a BAR of PCI. */
struct l1_device *const l1_devices[] = {
	&l1_apic,        &l1_ioapic,   &l1_hpet,       &l1_pci,
	&l1_fw_cfg,      &l1_iommu,    &l1_psp_device, &l1_kbd_data,
	&l1_kbd_command, &l1_system_a, &l1_hotplug_pc, &l1_hotplug_q35,
	&l1_pm1_cnt,     NULL
};

void l1_device_init(void)
{
	for (unsigned int i = 0; l1_devices[i]; i++)
		l1_devices[i]->init();
}

static const struct l1_device *find(u64 gpa)
{
	for (unsigned int i = 0; l1_devices[i]; i++)
		if (gpa - l1_devices[i]->gpa < l1_devices[i]->size)
			return l1_devices[i];
	return NULL;
}

bool l1_device_has(u64 gpa) { return find(gpa) != NULL; }

bool l1_device_near(u64 gpa)
{
	u64 base = align_down(gpa, (u64)PAGE_2M_SIZE);

	for (unsigned int i = 0; l1_devices[i]; i++) {
		const struct l1_device *d = l1_devices[i];

		if (d->size && d->gpa < base + PAGE_2M_SIZE && d->gpa + d->size > base)
			return true;
	}
	return false;
}

/* Part of it is another page's: where that is the first one, its fault names where this begins. */
static bool crosses_page(struct vcpu *v, const struct insn *insn, u64 gpa)
{
	u64 linear;

	return vcpu_is_64bit(v) && exit_operand(v, true, &linear) &&
	       ((linear - gpa) % PAGE_SIZE || linear % PAGE_SIZE + insn->operand_size > PAGE_SIZE);
}

void l1_device_fault(struct vcpu *v, u64 gpa, u64 info)
{
	const struct l1_device *d = find(gpa);
	u64 page = align_down(gpa, (u64)PAGE_SIZE);
	const struct insn *insn;

	if (!(info & NPF_W)) {
		npt_map(v->npt, NPT_SHARED, page, (u64)d->memory + (page - d->gpa), PAGE_SIZE,
			false, false);
		return;
	}
	insn = exit_insn(v);
	if (l1_device_string(v, d, gpa))
		return;
	if (insn->kind != INSN_STORE || crosses_page(v, insn, gpa)) {
		if (!exit_anew(v))
			stop_crashed(v, "it wrote a device's register other than by a plain store");
		return;
	}
	exit_finish(v);
	d->write(gpa - d->gpa, insn->operand_size, exit_store_value(v));
}

void l1_device_close_ports(u8 *iopm)
{
	for (unsigned int i = 0; l1_devices[i]; i++)
		for (unsigned int p = 0; p < l1_devices[i]->port_count; p++) {
			unsigned int port = l1_devices[i]->first_port + p;

			iopm[port / 8] |= (u8)(1u << port % 8);
		}
}

static const struct l1_device *port_owner(u16 port)
{
	for (unsigned int i = 0; l1_devices[i]; i++)
		if ((u16)(port - l1_devices[i]->first_port) < l1_devices[i]->port_count)
			return l1_devices[i];
	return NULL;
}

/* What is read; of a write nothing. */
static u32 port_access(u16 port, unsigned int size, bool write, u32 value)
{
	const struct l1_device *d = port_owner(port);

	if (d && d->port(port, size, write, &value))
		return value;
	if (!write)
		return machine_port_in(port, size);
	machine_port_out(port, size, value);
	return 0;
}

/* Whether one owner takes it, be it the machine: no device has registers that are not aligned. */
static bool is_whole(u16 port, unsigned int size)
{
	const struct l1_device *d = port_owner(port);

	for (unsigned int i = 1; i < size; i++)
		if (port_owner((u16)(port + i)) != d || (d && port % size))
			return false;
	return true;
}

/* Else byte by byte, as ISA does it: only some of them may be a device's. */
static u32 port_accesses(u16 port, unsigned int size, bool write, u32 value)
{
	u32 found = 0;

	if (is_whole(port, size))
		return port_access(port, size, write, value);
	for (unsigned int i = 0; i < size; i++)
		found |= (port_access((u16)(port + i), 1, write, value >> 8 * i & 0xff) & 0xff)
			 << 8 * i;
	return found;
}

/* Of configuration space no driver has use for string I/O, and fw_cfg is not there. */
void l1_device_port(struct vcpu *v)
{
	const struct insn *insn = exit_insn(v);
	unsigned int size = insn->operand_size;
	u64 *rax = &v->vmcb->save.rax, mask = bits_mask(8 * size);
	u16 port = (u16)(v->vmcb->control.exit_info_1 >> IOIO_PORT_SHIFT);
	bool write = insn->kind == INSN_OUT;
	u32 value;

	if (!exit_is(v, SVM_EXIT_IOIO))
		return;
	if (insn->kind != INSN_IN && !write)
		stop_crashed(v, "string I/O with a port that is played");
	value = port_accesses(port, size, write, (u32)(*rax & mask));
	if (!write) /* a dword clears the upper half: APM3 IN */
		*rax = size == 4 ? value : (*rax & ~mask) | (value & mask);
	exit_finish(v);
}
