/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See guest_fw_cfg.h. No device writes where the guest says: its memory is looked at first, page by
 * page. Does not: write items, which no firmware that we know needs.
 */
#include "monitor/host/guest_fw_cfg.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/string.h"
#include "monitor/machine/fw_cfg.h"
#include "monitor/host/state.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/pages.h"

#define CMOS_ABOVE_16M 0x34 /* of RAM, in 64 KiB, 16 bits */
#define CMOS_NMI_OFF   0x80
#define CMOS_NO_INDEX  0xff
#define MIB16          0x1000000

/* What one request may move: more than any item is, less than the host's patience. */
#define DMA_MAX 0x10000000

static u8 cmos_index;
static u64 dma_address;

static void add(const struct fw_cfg_entry *entry) { fw_cfg_device_add(&host.fw_cfg, entry); }

void guest_fw_cfg_init(const char *cmdline, const struct fw_cfg_kernel *kernel)
{
	fw_cfg_device_init(&host.fw_cfg, &guest.map, cmdline, guest.cpu_count);
	fw_cfg_device_set_kernel(&host.fw_cfg, kernel);
	fw_cfg_for_each(add);
}

static void select(u16 key)
{
	u32 offset;

	fw_cfg_device_select(&host.fw_cfg, key);
	if (!fw_cfg_device_is_machine(&host.fw_cfg))
		return;
	outw(PORT_FW_CFG_SELECTOR, fw_cfg_device_machine_key(&host.fw_cfg, &offset));
	if (offset)
		fw_cfg_next(NULL, offset);
}

static u8 read_byte(void)
{
	return fw_cfg_device_is_machine(&host.fw_cfg) ? inb(PORT_FW_CFG_DATA)
						      : fw_cfg_device_next(&host.fw_cfg);
}

/* Within one page of the guest's, which was looked at. */
static void read_bytes(u8 *to, u32 count)
{
	if (fw_cfg_device_is_machine(&host.fw_cfg)) {
		fw_cfg_next(to, count);
		return;
	}
	fw_cfg_device_read(&host.fw_cfg, to, count);
}

static int dma_read(u64 gpa, u32 length)
{
	if (length > DMA_MAX)
		return -E_2BIG;
	while (length) {
		u32 chunk = PAGE_SIZE - gpa % PAGE_SIZE;
		u8 *to;

		if (chunk > length)
			chunk = length;
		to = page_of_host(gpa, chunk);
		if (!to)
			return -E_FAULT;
		read_bytes(to, chunk);
		gpa += chunk;
		length -= chunk;
	}
	return 0;
}

static void skip(u32 length)
{
	if (fw_cfg_device_is_machine(&host.fw_cfg))
		fw_cfg_next(NULL, length);
	else
		fw_cfg_device_skip(&host.fw_cfg, length);
}

/* 0, or what the guest reads then: FW_CFG_DMA_ERROR. An item of no bytes can be written to. */
static u32 perform(u32 control, u64 address, u32 length)
{
	if (control & FW_CFG_DMA_SELECT)
		select((u16)(control >> 16));
	if (control & FW_CFG_DMA_READ)
		return dma_read(address, length) ? FW_CFG_DMA_ERROR : 0;
	if (control & FW_CFG_DMA_WRITE)
		return length ? FW_CFG_DMA_ERROR : 0;
	if (control & FW_CFG_DMA_SKIP)
		skip(length);
	return 0;
}

/*
 * The answer is in the structure's first word: where only that is memory that the host has, it says
 * so, as QEMU's does. Where not even that is there is nobody to tell.
 */
static void dma(u64 gpa)
{
	u32 answer = FW_CFG_DMA_ERROR;
	struct fw_cfg_dma access;

	if (!page_host_copy(gpa, &access, sizeof(access), false))
		answer = perform(__builtin_bswap32(access.control),
				 __builtin_bswap64(access.address),
				 __builtin_bswap32(access.length));
	answer = __builtin_bswap32(answer);
	if (page_host_copy(gpa, &answer, sizeof(answer), true))
		return;
}

static u8 cmos_in(void)
{
	u64 units = guest.own_low > MIB16 ? (guest.own_low - MIB16) >> 16 : 0;

	if (guest.rom_size && cmos_index == CMOS_ABOVE_16M)
		return (u8)units;
	if (guest.rom_size && cmos_index == CMOS_ABOVE_16M + 1)
		return (u8)(units >> 8);
	outb(PORT_CMOS_INDEX, cmos_index); /* the monitor may have read the clock since */
	return inb(PORT_CMOS_DATA);
}

/* Within its eight ports, by any width. */
static u32 dma_signature(u16 port, unsigned int size)
{
	static const char signature[] = FW_CFG_DMA_SIGNATURE;
	u32 value = 0;

	memcpy(&value, signature + (port - PORT_FW_CFG_DMA), size);
	return value;
}

/* The index cannot be read, as in QEMU: ones. */
static u32 cmos_port_in(u16 port, unsigned int size)
{
	u32 value = port == PORT_CMOS_DATA ? cmos_in() : CMOS_NO_INDEX;

	return size == 1 ? value : value | (u32)cmos_in() << 8;
}

u32 guest_fw_cfg_in(u16 port, unsigned int size)
{
	if (port >= PORT_FW_CFG_DMA && port + size <= PORT_FW_CFG_DMA + sizeof(u64))
		return dma_signature(port, size);
	if (size == 1 && port == PORT_FW_CFG_DATA)
		return read_byte();
	if (port == PORT_CMOS_INDEX || port == PORT_CMOS_DATA)
		return cmos_port_in(port, size);
	return 0;
}

static void cmos_out(u16 port, u8 value)
{
	if (port == PORT_CMOS_INDEX)
		cmos_index = value & ~CMOS_NMI_OFF;
	else
		outb(PORT_CMOS_INDEX, cmos_index);
	outb(port, value);
}

void guest_fw_cfg_out(u16 port, unsigned int size, u32 value)
{
	if (port == PORT_FW_CFG_SELECTOR && size == sizeof(u16)) {
		select((u16)value);
	} else if (port == PORT_FW_CFG_DMA && size == sizeof(u32)) {
		dma_address = (u64)__builtin_bswap32(value) << 32;
	} else if (port == PORT_FW_CFG_DMA + 4 && size == sizeof(u32)) {
		dma(dma_address | __builtin_bswap32(value));
		dma_address = 0;
	} else if (port == PORT_CMOS_INDEX || port == PORT_CMOS_DATA) {
		cmos_out(port, (u8)value);
		if (size > 1)
			cmos_out(port + 1, (u8)(value >> 8));
	}
}
