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
#include "monitor/hardware/l1/interrupts.h"
#include "monitor/hardware/l1/iommu.h"
#include "monitor/hardware/l1/pci.h"
#include "monitor/hardware/l1/psp.h"
#include "monitor/machine/ports.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/stop.h"

struct l1_device *const l1_devices[] = { &l1_pci,    &l1_iommu,  &l1_psp_device, &l1_apic,
					 &l1_fw_cfg, &l1_ioapic, &l1_hpet,       NULL };

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
	if (insn->kind != INSN_STORE) {
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

/* Of configuration space no driver has use for string I/O, and fw_cfg is not there. */
void l1_device_port(struct vcpu *v)
{
	const struct insn *insn = exit_insn(v);
	unsigned int size = insn->operand_size;
	u64 *rax = &v->vmcb->save.rax, mask = bits_mask(8 * size);
	u16 port = (u16)(v->vmcb->control.exit_info_1 >> IOIO_PORT_SHIFT);
	const struct l1_device *d = port_owner(port);
	u32 value = (u32)(*rax & mask);
	bool write = insn->kind == INSN_OUT;

	if (!exit_is(v, SVM_EXIT_IOIO))
		return;
	if (insn->kind != INSN_IN && !write)
		stop_crashed(v, "string I/O with a port that is played");
	if (!d || !d->port(port, size, write, &value)) {
		if (write)
			machine_port_out(port, size, value);
		else
			value = machine_port_in(port, size);
	}
	if (!write) /* a dword clears the upper half: APM3 IN */
		*rax = size == 4 ? value : (*rax & ~mask) | (value & mask);
	exit_finish(v);
}
