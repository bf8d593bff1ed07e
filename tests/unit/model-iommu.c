/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The I/O MMU's command buffer and event log: completions are stored and told, what is no command
 * stops the buffer with an event, and no register leads out of its bounds.
 * RUN: %unit-cc %s -o %t
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../lib/string.h"
#include "../../monitor/hardware/iommu/iommu.c"

#define RAM      0x40000
#define COMMANDS 0x10000
#define EVENTS   0x20000
#define WORD     0x30000
#define LENGTH   (U64_C(8) << IOMMU_LENGTH_SHIFT) /* 256 entries */

static u8 ram[RAM];
static u64 registers[IOMMU_REGISTERS_SIZE / sizeof(u64)];
static unsigned int interrupts;
static bool locked;
static struct iommu iommu;

static bool in_ram(u64 pa, u64 size) { return pa < RAM && size <= RAM - pa; }

static bool read_ram(void *context, u64 pa, void *buffer, u64 size)
{
	(void)context;
	if (in_ram(pa, size))
		memcpy(buffer, ram + pa, size);
	return in_ram(pa, size);
}

static bool write_ram(void *context, u64 pa, const void *buffer, u64 size)
{
	(void)context;
	if (in_ram(pa, size))
		memcpy(ram + pa, buffer, size);
	return in_ram(pa, size);
}

static void interrupt(void *context)
{
	(void)context;
	interrupts++;
}

static bool is_locked(void *context)
{
	(void)context;
	return locked;
}

static u64 value(u64 offset) { return registers[offset / 8]; }

static void write8(u64 offset, u64 v) { iommu_write(&iommu, offset, 8, v); }

/* As Linux has it running: both buffers of 256 entries, interrupts on. */
static void start(void)
{
	memset(ram, 0, sizeof(ram));
	interrupts = 0;
	iommu = (struct iommu){ .registers = registers,
				.read = read_ram,
				.write = write_ram,
				.interrupt = interrupt,
				.is_locked = is_locked };
	iommu_init(&iommu);
	/* by halves, as Linux's memcpy_toio() does it */
	iommu_write(&iommu, IOMMU_COMMAND_BASE, 4, COMMANDS);
	iommu_write(&iommu, IOMMU_COMMAND_BASE + 4, 4, LENGTH >> 32);
	write8(IOMMU_EVENT_BASE, EVENTS | LENGTH);
	write8(IOMMU_CONTROL, IOMMU_CONTROL_ENABLE | IOMMU_CONTROL_COMMAND |
				      IOMMU_CONTROL_EVENT_LOG | IOMMU_CONTROL_EVENT_INTR |
				      IOMMU_CONTROL_WAIT_INTR);
}

static void command(unsigned int index, u64 first, u64 second)
{
	memcpy(ram + COMMANDS + index * 16, (u64[2]){ first, second }, 16);
}

static void wait_at(unsigned int index, u64 address, u64 flags, u64 data)
{
	command(index, (u64)IOMMU_COMPLETION_WAIT << 60 | address | flags, data);
}

static u64 word(u64 pa)
{
	u64 v;

	memcpy(&v, ram + pa, sizeof(v));
	return v;
}

static void test_completion(void)
{
	start();
	assert(value(IOMMU_COMMAND_BASE) == (COMMANDS | LENGTH));
	assert(value(IOMMU_STATUS) == (IOMMU_STATUS_COMMAND_RUN | IOMMU_STATUS_EVENT_RUN));
	command(0, (u64)IOMMU_INVALIDATE_ALL << 60, 0);
	wait_at(1, WORD, IOMMU_WAIT_STORE, 0x1234);
	wait_at(2, WORD + 8, 0, 0x5678);
	write8(IOMMU_COMMAND_TAIL, 16);
	assert(!word(WORD) && value(IOMMU_COMMAND_HEAD) == 16);
	write8(IOMMU_COMMAND_TAIL, 48);
	assert(word(WORD) == 0x1234 && !word(WORD + 8) && value(IOMMU_COMMAND_HEAD) == 48);
	assert(!interrupts && !(value(IOMMU_STATUS) & IOMMU_STATUS_WAIT_INTR));
	wait_at(3, WORD, IOMMU_WAIT_INTR, 0);
	write8(IOMMU_COMMAND_TAIL, 64);
	assert(interrupts == 1 && value(IOMMU_STATUS) & IOMMU_STATUS_WAIT_INTR);
	iommu_write(&iommu, IOMMU_STATUS, 4, IOMMU_STATUS_WAIT_INTR);
	assert(!(value(IOMMU_STATUS) & IOMMU_STATUS_WAIT_INTR));
	assert(value(IOMMU_STATUS) & IOMMU_STATUS_COMMAND_RUN);
}

static void test_wraps(void)
{
	start();
	for (unsigned int i = 0; i < 256; i++)
		wait_at(i, WORD, IOMMU_WAIT_STORE, i);
	write8(IOMMU_COMMAND_TAIL, 255 * 16);
	assert(word(WORD) == 254);
	write8(IOMMU_COMMAND_TAIL, 32);
	assert(word(WORD) == 1 && value(IOMMU_COMMAND_HEAD) == 32);
	/* a tail behind the end is no place */
	write8(IOMMU_COMMAND_TAIL, 256 * 16);
	assert(value(IOMMU_COMMAND_HEAD) == 32);
}

static void stops(u64 code)
{
	assert(value(IOMMU_COMMAND_HEAD) == 0 && value(IOMMU_EVENT_TAIL) == 16);
	assert(!(value(IOMMU_STATUS) & IOMMU_STATUS_COMMAND_RUN) && interrupts == 1);
	assert(word(EVENTS) == code << 60);
}

static void test_errors(void)
{
	start();
	command(0, U64_C(9) << 60, 0);
	write8(IOMMU_COMMAND_TAIL, 16);
	stops(IOMMU_EVENT_ILLEGAL_COMMAND);
	assert(word(EVENTS + 8) == COMMANDS);
	/* until it is started anew */
	wait_at(0, WORD, IOMMU_WAIT_STORE, 1);
	write8(IOMMU_COMMAND_TAIL, 16);
	assert(!word(WORD));
	write8(IOMMU_CONTROL, value(IOMMU_CONTROL) & ~IOMMU_CONTROL_COMMAND);
	write8(IOMMU_CONTROL, value(IOMMU_CONTROL) | IOMMU_CONTROL_COMMAND);
	assert(word(WORD) == 1);
	start();
	write8(IOMMU_COMMAND_TAIL, 16);
	stops(IOMMU_EVENT_ILLEGAL_COMMAND);
	start();
	wait_at(0, RAM, IOMMU_WAIT_STORE, 1);
	write8(IOMMU_COMMAND_TAIL, 16);
	stops(IOMMU_EVENT_COMMAND_HW_ERROR);
	start();
	write8(IOMMU_COMMAND_BASE, RAM | LENGTH);
	write8(IOMMU_COMMAND_TAIL, 16);
	stops(IOMMU_EVENT_COMMAND_HW_ERROR);
}

/* Where Linux has its one page for completions, and on either side. */
static void test_range(void)
{
	static const u64 addresses[] = { WORD - 8, WORD + 0x1000, WORD, WORD + 0xff8 };

	for (unsigned int i = 0; i < 4; i++) {
		start();
		write8(IOMMU_EXCLUSION_BASE, WORD);
		write8(IOMMU_EXCLUSION_LIMIT, WORD);
		locked = true;
		wait_at(0, addresses[i], IOMMU_WAIT_STORE, 1);
		write8(IOMMU_COMMAND_TAIL, 16);
		assert(word(addresses[i]) == (i >= 2));
		if (i < 2)
			stops(IOMMU_EVENT_COMMAND_HW_ERROR);
		locked = false;
	}
}

static void test_lock(void)
{
	static const u64 bases[] = { IOMMU_DEVICE_TABLE, IOMMU_COMMAND_BASE, IOMMU_EVENT_BASE,
				     IOMMU_EXCLUSION_BASE, IOMMU_EXCLUSION_LIMIT };

	start();
	for (unsigned int i = 0; i < 5; i++) {
		u64 before = value(bases[i]);

		write8(IOMMU_COMMAND_HEAD, 32);
		write8(IOMMU_COMMAND_TAIL, 32);
		locked = true;
		write8(bases[i], before ^ 0x3000);
		assert(value(bases[i]) == before && value(IOMMU_COMMAND_HEAD) == 32);
		locked = false;
		write8(bases[i], before ^ 0x3000);
		assert(value(bases[i]) == (before ^ 0x3000));
	}
}

static void test_log_is_full(void)
{
	start();
	for (unsigned int i = 0; i < 256; i++) {
		write8(IOMMU_CONTROL, value(IOMMU_CONTROL) & ~IOMMU_CONTROL_COMMAND);
		write8(IOMMU_CONTROL, value(IOMMU_CONTROL) | IOMMU_CONTROL_COMMAND);
		write8(IOMMU_COMMAND_TAIL, 16);
	}
	assert(value(IOMMU_EVENT_TAIL) == 255 * 16);
	assert(value(IOMMU_STATUS) & IOMMU_STATUS_EVENT_OVERFLOW);
	assert(!(value(IOMMU_STATUS) & IOMMU_STATUS_EVENT_RUN));
}

static void test_registers(void)
{
	u64 base, size;

	start();
	write8(IOMMU_FEATURES, 0);
	assert(value(IOMMU_FEATURES) == IOMMU_FEATURES_PLAYED);
	write8(IOMMU_DEVICE_TABLE, ~U64_C(0));
	assert(value(IOMMU_DEVICE_TABLE) == (IOMMU_ADDRESS | 0x1ff));
	iommu_write(&iommu, IOMMU_DEVICE_TABLE + 4, 4, 0);
	assert(value(IOMMU_DEVICE_TABLE) == 0xfffff1ff);
	write8(0x1000, 1);
	iommu_write(&iommu, IOMMU_REGISTERS_SIZE, 8, 1);
	iommu_write(&iommu, IOMMU_CONTROL + 2, 4, ~0U); /* not aligned */
	assert(!value(0x1000));
	assert(iommu_own_memory(&iommu, 0, &base, &size) && base == EVENTS && size == 0x1000);
	assert(iommu_own_memory(&iommu, 1, &base, &size) && !size);
	write8(IOMMU_EXCLUSION_BASE, WORD);
	write8(IOMMU_EXCLUSION_LIMIT, WORD);
	assert(iommu_own_memory(&iommu, 1, &base, &size) && base == WORD && size == PAGE_SIZE);
	assert(!iommu_own_memory(&iommu, 2, &base, &size));
}

/* What Linux looks for: drivers/iommu/amd/init.c. */
static void test_ivrs(void)
{
	u8 table[IOMMU_IVRS_SIZE], sum = 0;
	const struct ivrs *ivrs = (const void *)table;
	const struct ivhd *ivhd = (const void *)(table + sizeof(*ivrs));

	assert(iommu_ivrs(table, 0xf0, 0x40, 0xfed80000, 0xe8) == sizeof(table));
	for (unsigned int i = 0; i < sizeof(table); i++)
		sum += table[i];
	assert(!sum && ivrs->header.length == sizeof(table));
	assert(!memcmp(table, "IVRS", 4) && ivrs->info & IVRS_INFO_EFR);
	assert(ivhd->type == IVHD_TYPE_11H && ivhd->length == 44 && ivhd->device == 0xf0);
	assert(ivhd->features & IOMMU_FEATURE_SNP && ivhd->features & IOMMU_FEATURE_GA);
	assert(table[sizeof(table) - 4] == IVHD_DEVICE_SELECT && table[sizeof(table) - 3] == 0xe8);
}

/* Whatever is written where: the sanitizers watch. */
static void test_anything(void)
{
	srand(1);
	start();
	for (unsigned int i = 0; i < sizeof(ram); i++)
		ram[i] = (u8)rand();
	for (unsigned int round = 0; round < 200000; round++) {
		static const u16 hot[] = {
			0, 8, 0x10, 0x18, 0x2000, 0x2008, 0x2010, 0x2018, 0x2020
		};
		u64 v = (u64)rand() << 32 ^ (u64)rand() << 16 ^ (u64)rand();

		iommu_write(&iommu, round % 5 ? hot[rand() % 9] : (u64)rand() % 0x5000,
			    1u << rand() % 4, round % 3 ? v : v & 0x3ffff);
	}
}

int main(void)
{
	test_completion();
	test_range();
	test_lock();
	test_wraps();
	test_errors();
	test_log_is_full();
	test_registers();
	test_ivrs();
	test_anything();
	return 0;
}
