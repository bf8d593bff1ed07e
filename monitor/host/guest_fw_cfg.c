/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See guest_fw_cfg.h. What is the machine's is read there, byte by byte, so that no device writes
 * where the guest says. Does not: write items, which no firmware that we know needs.
 */
#include "monitor/host/guest_fw_cfg.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/string.h"
#include "monitor/machine/fw_cfg.h"
#include "monitor/svm/kind.h"
#include "monitor/svm/pages.h"

/* The real-time clock's memory: an index, then its byte */
#define PORT_CMOS_INDEX 0x70
#define PORT_CMOS_DATA  0x71
#define CMOS_ABOVE_16M  0x34 /* of RAM, in 64 KiB, 16 bits */
#define CMOS_NMI_OFF    0x80
#define MIB16           0x1000000

const struct guest_fw_cfg_range guest_fw_cfg_ranges[2] = {
	{ PORT_FW_CFG_SELECTOR, PORT_FW_CFG_DMA + 8 - PORT_FW_CFG_SELECTOR },
	{ PORT_CMOS_INDEX, 2 },
};

static u8 cmos_index;
static u64 dma_address;

static void add(const struct fw_cfg_entry *entry) { fw_cfg_device_add(&guest.fw_cfg, entry); }

void guest_fw_cfg_init(const char *cmdline)
{
	fw_cfg_device_init(&guest.fw_cfg, &guest.map, cmdline, guest.cpu_count);
	fw_cfg_for_each(add);
}

bool guest_fw_cfg_has(u16 port)
{
	for (unsigned int i = 0; i < array_count(guest_fw_cfg_ranges); i++)
		if (port - guest_fw_cfg_ranges[i].first < guest_fw_cfg_ranges[i].count &&
		    port >= guest_fw_cfg_ranges[i].first)
			return guest.rom_size;
	return false;
}

static void select(u16 key)
{
	fw_cfg_device_select(&guest.fw_cfg, key);
	if (fw_cfg_device_is_machine(&guest.fw_cfg))
		outw(PORT_FW_CFG_SELECTOR, key);
}

static void read_bytes(u8 *to, u64 count)
{
	if (fw_cfg_device_is_machine(&guest.fw_cfg)) {
		insb(PORT_FW_CFG_DATA, to, count);
		return;
	}
	for (u64 i = 0; i < count; i++)
		to[i] = fw_cfg_device_next(&guest.fw_cfg);
}

static int dma_read(u64 gpa, u64 length)
{
	while (length) {
		u64 chunk = PAGE_SIZE - gpa % PAGE_SIZE;
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
	u8 byte;

	while (length--)
		read_bytes(&byte, 1);
}

/* The structure may cross a page no more than any other of the host's accesses. */
static void dma(u64 gpa)
{
	struct fw_cfg_dma *shared = page_of_host(gpa, sizeof(*shared)), access;
	u32 control, length;
	int error = 0;

	if (!shared)
		return;
	access = *shared;
	control = __builtin_bswap32(access.control);
	length = __builtin_bswap32(access.length);
	if (control & FW_CFG_DMA_SELECT)
		select((u16)(control >> 16));
	if (control & FW_CFG_DMA_READ)
		error = dma_read(__builtin_bswap64(access.address), length);
	else if (control & FW_CFG_DMA_WRITE)
		error = -E_PERM;
	else if (control & FW_CFG_DMA_SKIP)
		skip(length);
	WRITE_ONCE(shared->control, error ? __builtin_bswap32(FW_CFG_DMA_ERROR) : 0);
}

static u8 cmos_in(void)
{
	u64 units = guest.own_low > MIB16 ? (guest.own_low - MIB16) >> 16 : 0;

	switch (cmos_index) {
	case CMOS_ABOVE_16M: return (u8)units;
	case CMOS_ABOVE_16M + 1: return (u8)(units >> 8);
	default: return inb(PORT_CMOS_DATA);
	}
}

u32 guest_fw_cfg_in(u16 port, unsigned int size)
{
	u8 byte = 0;

	if (size == 1 && port == PORT_FW_CFG_DATA)
		read_bytes(&byte, 1);
	else if (size == 1 && port == PORT_CMOS_DATA)
		byte = cmos_in();
	return byte;
}

void guest_fw_cfg_out(u16 port, unsigned int size, u32 value)
{
	switch (port) {
	case PORT_FW_CFG_SELECTOR: select((u16)value); return;
	case PORT_FW_CFG_DMA: dma_address = (u64)__builtin_bswap32(value) << 32; return;
	case PORT_FW_CFG_DMA + 4:
		dma(dma_address | __builtin_bswap32(value));
		dma_address = 0;
		return;
	case PORT_CMOS_INDEX:
		cmos_index = (u8)value & ~CMOS_NMI_OFF;
		outb(PORT_CMOS_INDEX, (u8)value);
		return;
	case PORT_CMOS_DATA:
		if (size == 1)
			outb(PORT_CMOS_DATA, (u8)value);
		return;
	default: return;
	}
}
