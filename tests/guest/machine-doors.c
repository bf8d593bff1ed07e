/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing that a guest writes to the machine's ports and devices runs firmware's SMI handler, takes
 * a processor away, folds the monitor's memory by A20, lays a window of the chipset's over it, or
 * has a device write a message: the guest goes on, and reads back that it was not done.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mode=emulate %t | FileCheck %s -DPM=0x2918
 * RUN: %run-guest --platform=plain --mode=emulate --mem=256M --kernel=%t --append="-- test" \
 * RUN:   | FileCheck %s -DPM=0x7113 --check-prefix=PC
 * RUN: %run-guest --platform=kvm --mode=emulate --smp=2 %t | FileCheck %s -DPM=0x2918
 * RUN: %run-guest --platform=sev %t | FileCheck %s -DPM=0x2918
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s -DPM=0x2918
 * RUN: %run-guest --platform=snp --smp=2 %t | FileCheck %s -DPM=0x2918
 * RUN: %run-guest --platform=snp --boot=direct %t | FileCheck %s -DPM=0x2918
 * RUN: %run-guest --platform=tdx %t | FileCheck %s -DPM=0x2918
 * CHECK-NOT: watchdog
 * CHECK: SMI: goes on
 * CHECK-NEXT: PM registers: of [[PM]], 0 of 8 over guarded ports
 * CHECK-NEXT: I/O BARs: of {{[1-9][0-9]*}}, 0 over guarded ports, as they were
 * CHECK-NEXT: memory BARs: of {{[1-9][0-9]*}}, 0 over what sends interrupts
 * CHECK-NEXT: A20: goes on
 * CHECK-NEXT: serial port: goes on
 * CHECK-NEXT: windows: PCIEXBAR 0x0, RCBA as it was, TSEG as it was, SMI_EN 0x{{[01]}}
 * CHECK-NEXT: capabilities: of {{[1-9][0-9]*}}, for messages 0, made to send 0
 * CHECK-NEXT: I/O APIC: of 7 modes 2 unmasked
 * CHECK-NEXT: HPET: message 0x0 to 0x0, enabled 0
 * CHECK-NEXT: fw_cfg: QEMU, QEMU CFG, skipped, refused 3
 * CHECK-NEXT: processors: none ejected
 * CHECK: exit status 0
 * PC: SMI: goes on
 * PC-NEXT: PM registers: of [[PM]], 0 of 8 over guarded ports
 * PC-NEXT: I/O BARs: of {{[1-9][0-9]*}}, 0 over guarded ports, as they were
 * PC-NEXT: memory BARs
 * PC-NEXT: A20: goes on
 * PC: I/O APIC: of 7 modes 2 unmasked
 * PC: fw_cfg: QEMU, QEMU CFG, skipped, refused 3
 * PC-NEXT: processors: none ejected
 * PC-NEXT: PIIX4: SMRAM as it was, DEVACTB as it was, SMI: goes on
 * PC: exit status 0
 */
#include <malloc.h>
#include <stdio.h>

#include "abi/firmware.h"
#include "abi/x86.h"
#include "kernel/apic.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/mm.h"
#include "mm/visibility.h"
#include "paravirt/pv_ops.h"

#define MONITOR     0xfe00000 /* at the end of 256M */
#define MIB         0x100000
#define WAIT        200000
#define IOAPIC      0xfec00000
#define HPET        0xfed00000
#define HPET_TIMER0 (HPET + 0x100)
#define LPC         (0x1f << 11)
#define ADDRESS     0xcf8
#define DATA        0xcfc

static void wait(void)
{
	for (int i = 0; i < WAIT; i++)
		cpu_relax();
}

static void out(u16 port, unsigned int size, u32 value) { pv_io_out(port, size, value); }

static u32 in(u16 port, unsigned int size) { return pv_io_in(port, size); }

static u32 pci_read(u32 device, u32 reg)
{
	out(ADDRESS, 4, BIT(31) | device | reg);
	return in(DATA, 4);
}

static void pci_write(u32 device, u32 reg, u32 value)
{
	out(ADDRESS, 4, BIT(31) | device | reg);
	out(DATA, 4, value);
}

/* ICH9's TCO_DAT_IN asks for one by itself. */
static void try_tco(u16 tco)
{
	for (u16 port = tco + 2; port > tco - 2; port--)
		out(port, 4, 0x12121212);
	out(tco + 1, 2, 0x1212);
	out(tco + 2, 2, 0x1212);
	out(tco + 2, 1, 0x12);
}

#define TCO_CNT  8
#define TCO_TMR  0x12
#define TCO_HALT 0x800

/* Its watchdog resets the machine 2 * 2 * 0.6 s after it was let go, unless a strap says no. */
static void try_watchdog(u16 tco)
{
	out(tco + TCO_TMR, 2, 2);
	out(tco + TCO_CNT, 1, 0);
	out(tco + TCO_CNT + 1, 1, 0);
	out(tco + TCO_CNT, 2, 0);
	out(tco + TCO_CNT, 4, 0);
	out(tco, 2, 1);
	out(tco, 4, 1);
	if (!(in(tco + TCO_CNT, 2) & TCO_HALT))
		printf("the watchdog runs\n");
}

/* Port 0xb2 by each width and alignment that reaches it, with ACPI's values and others. */
static void try_smi(void)
{
	u16 pm = pci_read(LPC, 0x40) & 0xff80;

	if (pm)
		try_tco(pm + 0x60);
	if (pm)
		try_watchdog(pm + 0x60);
	if (pm)
		out(pm + 0x30, 4, 0x6033);
	for (u32 value = 0; value < 256; value += 17)
		out(0xb2, 1, value);
	out(0xb1, 2, 0x1212);
	out(0xb0, 4, 0x12121212);
	out(0xb2, 2, 0x1212);
	wait();
	printf("SMI: %s\n",
	       in(0xb2, 2) == 0x1212 ? "goes on" : "the port does not keep what it is given");
}

/* Two places that differ in bit 20 alone. */
static bool has_a20(void)
{
	volatile u8 *place = memalign(2 * MIB, 2 * MIB);

	if (!place)
		return false;
	place[0] = 1;
	place[MIB] = 2;
	return place[0] == 1 && place[MIB] == 2;
}

static const struct pm {
	u32 id, device, base, enable, enable_bit;
} ich9 = { 0x29188086, LPC, 0x40, 0x44, BIT(7) },
  piix4 = { 0x71138086, 1 << 11 | 3 << 8, 0x40, 0x80, BIT(0) };

/* With the registers on, and by switching them on. */
static unsigned int lay_pm(const struct pm *pm, u32 base, u32 enable)
{
	unsigned int over = 0;

	pci_write(pm->device, pm->enable, enable | pm->enable_bit);
	pci_write(pm->device, pm->base, base);
	over += pci_read(pm->device, pm->enable) & pm->enable_bit &&
		pci_read(pm->device, pm->base) == base;
	pci_write(pm->device, pm->enable, enable & ~pm->enable_bit);
	pci_write(pm->device, pm->base, base);
	pci_write(pm->device, pm->enable, enable | pm->enable_bit);
	over += pci_read(pm->device, pm->enable) & pm->enable_bit &&
		pci_read(pm->device, pm->base) == base;
	return over;
}

/* Over the configuration ports, the hotplug registers, fw_cfg, the exit port, the console; 0. */
static void try_moves(void)
{
	static const u16 bases[] = { 0xc81, 0xcc1, 0xaf01, 0x501, 0x81, 0x3c1, 0x381, 0x1 };
	const struct pm *pm = pci_read(piix4.device, 0) == piix4.id ? &piix4 : &ich9;
	u32 base = pci_read(pm->device, pm->base), enable = pci_read(pm->device, pm->enable);
	unsigned int over = 0;

	for (size_t i = 0; i < array_count(bases); i++)
		over += lay_pm(pm, bases[i], enable);
	pci_write(pm->device, pm->base, 0x701);
	over += pci_read(pm->device, pm->base) != 0x701; /* there nobody minds */
	pci_write(pm->device, pm->base, base);
	pci_write(pm->device, pm->enable, enable);
	printf("PM registers: of %#x, %u of %zu over guarded ports\n",
	       (unsigned int)(pci_read(pm->device, 0) >> 16), over, array_count(bases));
}

/* By a dword, and by its words: what is there in between counts too. */
static void lay(u32 device, u32 reg, u32 value)
{
	pci_write(device, reg, value);
	out(ADDRESS, 4, BIT(31) | device | reg);
	out(DATA, 2, value & 0xffff);
	out(DATA + 2, 2, value >> 16);
}

/* Where it would cover each of the places, which it takes even while it does not decode. */
static unsigned int lay_over_ports(u32 device, u32 reg)
{
	static const u16 places[] = { 0xcf8, 0xcfc, 0xcd8, 0x510,  0x518, 0xb2,
				      0xf4,  0x70,  0x3f8, 0x5658, 0x402, 0x64 };
	u32 bar = pci_read(device, reg), mask, over = 0;

	pci_write(device, reg, 0xffffffff);
	mask = pci_read(device, reg) & ~3u;
	for (size_t i = 0; i < array_count(places); i++) {
		lay(device, reg, places[i] & mask);
		over += places[i] & mask && (pci_read(device, reg) & mask) == (places[i] & mask);
	}
	pci_write(device, reg, bar);
	return over;
}

#define COMMAND_DECODES 3

static void each_bar(bool io, unsigned int (*lay_over)(u32 device, u32 reg), unsigned int *count,
		     unsigned int *over)
{
	for (u32 device = 0; device < 256 << 8; device += 1 << 8) {
		u32 command = pci_read(device, 4) & 0xffff;

		if (pci_read(device, 0) == 0xffffffff || pci_read(device, 0xc) & 0x7f0000)
			continue;
		pci_write(device, 4, command | COMMAND_DECODES);
		for (u32 reg = 0x10; reg < 0x28; reg += 4) {
			u32 bar = pci_read(device, reg);

			if (!bar || (bar & 1) != io || (!io && bar & 6))
				continue;
			++*count;
			*over += lay_over(device, reg);
		}
		pci_write(device, 4, command);
	}
}

static void try_io_bars(void)
{
	u32 id = pci_read(0, 0), lpc = pci_read(LPC, 0x40);
	unsigned int count = 0, over = 0;

	each_bar(true, lay_over_ports, &count, &over);
	printf("I/O BARs: of %u, %u over guarded ports, %s\n", count, over,
	       pci_read(0, 0) == id && pci_read(LPC, 0x40) == lpc ? "as they were" : "changed");
}

static void try_a20(void)
{
	out(0x92, 1, 0);
	out(0x91, 2, 0);
	out(0x64, 1, 0xdd);
	out(0x64, 1, 0xd1);
	out(0x60, 1, 0xdd);
	out(0x5658, 4, 0x564d5868);
	(void)in(0x5658, 4);
	wait();
	printf("A20: %s\n", has_a20() ? "goes on" : "off");
}

/* Over the end of COM1: QEMU 7.2 has a register for none of it. */
static void try_serial(void)
{
	for (u16 port = 0x3fd; port < 0x400; port++) {
		(void)in(port, 4);
		out(port, 4, 0);
	}
	(void)in(0x3ff, 2);
	out(0x3ff, 2, 0);
	printf("serial port: goes on\n");
}

static const char *as_it_was(u32 device, u32 reg, u32 value)
{
	u32 before = pci_read(device, reg);

	pci_write(device, reg, value);
	out(ADDRESS, 4, BIT(31) | device | reg);
	for (u16 i = 0; i < 4; i++)
		out(DATA + i, 1, value >> 8 * i & 0xff);
	return pci_read(device, reg) == before ? "as it was" : "changed";
}

static void try_windows(void)
{
	u16 pm = pci_read(LPC, 0x40) & 0xff80;

	pci_write(0, 0x60, MONITOR | 5);
	printf("windows: PCIEXBAR 0x%x, ", (unsigned int)pci_read(0, 0x60));
	printf("RCBA %s, ", as_it_was(LPC, 0xf0, MONITOR | 1));
	printf("TSEG %s, ", as_it_was(0, 0x9c, 0x00071a00));
	printf("SMI_EN 0x%x\n", pm ? (unsigned int)in(pm + 0x30, 4) : 0);
}

/* Whether the capability at @at lets itself be switched on: by a dword, and by its bytes. */
static bool is_made_to_send(u32 device, u32 at)
{
	u32 header = pci_read(device, at);

	pci_write(device, at, header | 0x80010000);
	out(ADDRESS, 4, BIT(31) | device | at);
	out(DATA + 2, 1, 1);
	out(DATA + 3, 1, 0x80);
	out(DATA + 2, 2, 0x8001);
	return (pci_read(device, at) ^ header) & 0x80010000;
}

static void try_messages(void)
{
	int count = 0, messages = 0, sending = 0;

	for (u32 device = 0; device < 256 << 8; device += 1 << 8) {
		u32 at = pci_read(device, 0) != 0xffffffff && pci_read(device, 4) & BIT(20)
				 ? pci_read(device, 0x34) & 0xfc
				 : 0;

		for (int i = 0; i < 48 && at; i++, count++) {
			u32 header = pci_read(device, at), id = header & 0xff;

			messages += id == 5 || id == 0x11;
			sending +=
				(id == 0 || id == 5 || id == 0x11) && is_made_to_send(device, at);
			at = header >> 8 & 0xfc;
		}
	}
	printf("capabilities: of %d, for messages %d, made to send %d\n", count, messages, sending);
}

static void mmio(u64 address, unsigned int size, u64 value)
{
	pv_mmio_write(pa(address), size, value);
}

static u32 mmio_read(u64 address) { return (u32)pv_mmio_read(pa(address), 4); }

/* The last entry, which nothing raises, with each mode; by the window and by its aliases. */
static void try_ioapic(void)
{
	int unmasked = 0;

	mmio_map(pa(IOAPIC), PAGE_SIZE);
	for (u32 mode = 1; mode < 8; mode++) {
		mmio(IOAPIC, 1, 0x10 + 2 * 23);
		mmio(IOAPIC + 0x10, 4, mode << 8 | 0x51);
		mmio(IOAPIC + 0x110, 4, mode << 8 | 0x51);
		unmasked += !(mmio_read(IOAPIC + 0x10) & BIT(16));
	}
	mmio(IOAPIC, 4, 0x10 + 2 * 23);
	mmio(IOAPIC + 0x10, 4, BIT(16));
	printf("I/O APIC: of 7 modes %d unmasked\n", unmasked);
}

/* They lie below RAM, the interrupt controllers and the HPET: in QEMU by their priorities. */
static unsigned int lay_over_memory(u32 device, u32 reg)
{
	static const u32 places[] = { IOAPIC, HPET, 0xfee00000, 0xfee01000, MONITOR };
	static const u32 shown[] = { IOAPIC, HPET, 0xfee00030 };
	u32 bar = pci_read(device, reg), before[array_count(shown)];
	unsigned int over = 0;

	for (size_t i = 0; i < array_count(shown); i++)
		before[i] = mmio_read(shown[i]);
	for (size_t i = 0; i < array_count(places); i++) {
		pci_write(device, reg, places[i]);
		for (size_t j = 0; j < array_count(shown); j++)
			over += mmio_read(shown[j]) != before[j];
	}
	pci_write(device, reg, bar);
	return over;
}

static void try_memory_bars(void)
{
	unsigned int count = 0, over = 0;

	mmio_map(pa(0xfee00000), PAGE_SIZE);
	mmio_map(pa(IOAPIC), PAGE_SIZE);
	mmio_map(pa(HPET), PAGE_SIZE);
	each_bar(false, lay_over_memory, &count, &over);
	printf("memory BARs: of %u, %u over what sends interrupts\n", count, over);
}

static void try_hpet(void)
{
	mmio_map(pa(HPET), PAGE_SIZE);
	mmio(HPET_TIMER0 + 0x10, 4, 0x12345678);
	mmio(HPET_TIMER0 + 0x14, 4, MONITOR);
	mmio(HPET_TIMER0 + 0x10, 8, 0x12345678);
	mmio(HPET_TIMER0, 4, BIT(14));
	mmio(HPET_TIMER0, 8, BIT(14));
	printf("HPET: message 0x%x to 0x%x, ", (unsigned int)mmio_read(HPET_TIMER0 + 0x10),
	       (unsigned int)mmio_read(HPET_TIMER0 + 0x14));
	printf("enabled %d\n", !!(mmio_read(HPET_TIMER0) & BIT(14)));
}

static struct fw_cfg_dma *request; /* in memory that the host sees */

static u32 dma(u32 control, u64 address, u32 length)
{
	u64 at = pa_of(request).value;

	request->control = __builtin_bswap32(control);
	request->length = __builtin_bswap32(length);
	request->address = __builtin_bswap64(address);
	out(PORT_FW_CFG_DMA, 4, __builtin_bswap32((u32)(at >> 32)));
	out(PORT_FW_CFG_DMA + 4, 4, __builtin_bswap32((u32)at));
	return __builtin_bswap32(*(volatile u32 *)&request->control);
}

/* 1: refused. */
static u32 read_to(u64 address, u32 length)
{
	u32 select = (u32)FW_CFG_DIRECTORY << 16 | FW_CFG_DMA_SELECT;

	return dma(select | FW_CFG_DMA_READ, address, length) & FW_CFG_DMA_ERROR;
}

/* Neither the monitor nor its APIC is memory to write to, and 16G are skipped at once. */
static void try_fw_cfg(void)
{
	u8 *shared = memalign(PAGE_SIZE, PAGE_SIZE);
	char name[5] = { 0 }, signature[9] = { 0 };
	u32 error, refused;

	if (!shared || set_memory_decrypted(va_of(shared), 1))
		return;
	request = (struct fw_cfg_dma *)shared;
	error = dma(FW_CFG_DMA_SELECT | FW_CFG_DMA_READ, pa_of(shared + 64).value, 4);
	for (int i = 0; i < 4; i++)
		name[i] = (char)shared[64 + i];
	for (int i = 0; i < 4; i++)
		error |= dma(FW_CFG_DMA_SKIP, 0, 0xffffffff);
	refused = read_to(MONITOR, 0x1000) + read_to(APIC_BASE_DEFAULT + APIC_ICR_LOW, 4) +
		  read_to(pa_of(shared + 64).value, 0xffffffff);
	for (unsigned int i = 0; i < 4; i++) {
		signature[i] = (char)(in(PORT_FW_CFG_DMA, 4) >> 8 * i);
		signature[4 + i] = (char)in(PORT_FW_CFG_DMA + 4 + (u16)i, 1);
	}
	printf("fw_cfg: %s, %s, %s, refused %u\n", name, signature, error ? "failed" : "skipped",
	       refused);
}

static unsigned int present;

static void count_in(void *context)
{
	(void)context;
	__atomic_fetch_add(&present, 1, __ATOMIC_RELAXED);
}

/* Each one runs what it is given afterwards. */
static void try_ejecting(void)
{
	static const u16 bases[] = { 0xcd8, 0xaf00 };

	for (int i = 0; i < 2; i++) {
		out(bases[i], 4, 0);
		out(bases[i], 4, 1);
		out(bases[i] + 4, 1, 0x18);
		out(bases[i] + 4, 4, 0x18);
		out(bases[i], 4, 0);
	}
	wait();
	smp_run(count_in, NULL);
	printf("processors: %s ejected\n", present == smp_count() ? "none" : "some");
}

#define I440FX_SMRAM  0x72 /* in its dword the third byte */
#define PIIX4_DEVACTB 0x58 /* APMC_EN: what port 0xb2 raises */

static void try_piix4(void)
{
	u32 smram = pci_read(0, I440FX_SMRAM - 2) & 0xff0000;

	if (pci_read(piix4.device, 0) != piix4.id)
		return;
	pci_write(0, I440FX_SMRAM - 2, pci_read(0, I440FX_SMRAM - 2) | 0x480000);
	out(DATA + 2, 1, 0x4a);
	out(DATA + 2, 2, 0x4a);
	printf("PIIX4: SMRAM %s, ",
	       (pci_read(0, I440FX_SMRAM - 2) & 0xff0000) == smram ? "as it was" : "changed");
	printf("DEVACTB %s, ", as_it_was(piix4.device, PIIX4_DEVACTB, 0xffffffff));
	out(0xb2, 1, 0x12);
	wait();
	printf("SMI: goes on\n");
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	try_smi();
	try_moves();
	try_io_bars();
	try_memory_bars();
	try_a20();
	try_serial();
	try_windows();
	try_messages();
	try_ioapic();
	try_hpet();
	try_fw_cfg();
	try_ejecting();
	try_piix4();
	return 0;
}

DEFINE_WORKLOAD("test", "tries each door of the machine", test);
