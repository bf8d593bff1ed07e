/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See port.h. Some ports are special: QEMU's exit port (the transcript goes out first), the power
 * control of ACPI (power-off becomes the success status), the transcript's own, and fw_cfg's.
 */
#include "monitor/svm/port.h"

#include "abi/firmware.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "monitor/host/end.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/xapic.h"

/* What the monitor's page tables map. */
#define HOST_MAP_END (U64_C(512) << 30)
#define SLP_TYP_S5   0 /* QEMU's \_S5 package */

/* Of a guest started by firmware: what QEMU's own tells is for the monitor. */
static bool is_fw_cfg(u16 port)
{
	return guest.rom_size && (port == PORT_FW_CFG_SELECTOR || port == PORT_FW_CFG_DATA);
}

u32 port_in(struct vcpu *v, u16 port, unsigned int size)
{
	u32 value = is_fw_cfg(port) ? fw_cfg_device_in(&guest.fw_cfg, port, size)
		    : size == 1     ? inb(port)
		    : size == 2     ? inw(port)
				    : inl(port);

	TRACE(v->id, IOIO, "dir=in port=%#x size=%#x value=%#x", port, size, value);
	return value;
}

static bool is_power_off(u16 port, u32 value)
{
	return guest.acpi.pm1a_cnt && port == guest.acpi.pm1a_cnt && value & PM1_CNT_SLP_EN &&
	       PM1_CNT_SLP_TYP(value) == SLP_TYP_S5;
}

void port_out(struct vcpu *v, u16 port, unsigned int size, u32 value)
{
	TRACE(v->id, IOIO, "dir=out port=%#x size=%#x value=%#x", port, size, value);
	if (is_power_off(port, value)) {
		log_info("the guest powered off");
		end_run(EXIT_CODE_SUCCESS);
	}
	if (port == EXIT_PORT)
		end_run((u8)value); /* newer QEMUs leave a little later: the guest must not go on */
	if (port == PORT_TRANSCRIPT && tracing)
		return;
	if (is_fw_cfg(port)) {
		fw_cfg_device_out(&guest.fw_cfg, port, size, value);
		return;
	}
	if (size == 1)
		outb(port, (u8)value);
	else if (size == 2)
		outw(port, (u16)value);
	else
		outl(port, value);
}

void port_in_string(struct vcpu *v, u16 port, unsigned int size, void *data, u64 count)
{
	u8 *p = data;

	if (size == 1 && !is_fw_cfg(port)) {
		TRACE(v->id, IOIO, "dir=ins port=%#x size=0x1 count=%#lx", port, count);
		insb(port, data, count);
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

	if (size == 1 && port != EXIT_PORT && !is_fw_cfg(port) &&
	    !(port == PORT_TRANSCRIPT && tracing)) {
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

	v->vmcb->save.rip = v->vmcb->control.exit_info_2;
	if (info & IOIO_TYPE_STR)
		stop_crashed(v, "string I/O at an intercepted port");
	if (!(info & IOIO_TYPE_IN))
		port_out(v, port, size, (u32)*rax);
	else if (size == 4)
		*rax = port_in(v, port, size);
	else
		*rax = (*rax & ~bits_mask(8 * size)) | port_in(v, port, size);
}

static bool is_device(u64 gpa, unsigned int size)
{
	return gpa < HOST_MAP_END - size && page_class(gpa) == PAGE_DEVICE &&
	       page_class(gpa + size - 1) == PAGE_DEVICE && !page_is_own(gpa) &&
	       !page_is_own(gpa + size - 1);
}

int mmio_read(u64 gpa, unsigned int size, u64 *value)
{
	if (!is_device(gpa, size))
		return -E_INVAL;
	switch (size) {
	case 1: *value = *(volatile u8 *)gpa; return 0;
	case 2: *value = *(volatile u16 *)gpa; return 0;
	case 4: *value = *(volatile u32 *)gpa; return 0;
	case 8: *value = *(volatile u64 *)gpa; return 0;
	default: return -E_INVAL;
	}
}

int mmio_write(struct vcpu *v, u64 gpa, unsigned int size, u64 value)
{
	if (!is_device(gpa, size))
		return -E_INVAL;
	if (gpa >> PAGE_SHIFT == APIC_BASE_DEFAULT >> PAGE_SHIFT && size == sizeof(u32)) {
		xapic_write(v, gpa - APIC_BASE_DEFAULT, (u32)value);
		return 0;
	}
	switch (size) {
	case 1: *(volatile u8 *)gpa = (u8)value; return 0;
	case 2: *(volatile u16 *)gpa = (u16)value; return 0;
	case 4: *(volatile u32 *)gpa = (u32)value; return 0;
	case 8: *(volatile u64 *)gpa = value; return 0;
	default: return -E_INVAL;
	}
}
