/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Draws of fuzz.h: numbers, places and values. What is likely to end the guest is rare, so that a
 * run gets deep; nothing here depends on an answer.
 */
#include "fuzz.h"

#include "abi/ghcb.h"
#include "abi/kvm_para.h"
#include "abi/x86.h"
#include "early/platform.h"
#include "lib/compiler.h"

#define GIB4          U64_C(0x100000000)
#define PORT_CONSOLE  0x3f8
#define PORT_EXIT     0xf4
#define PORT_PCI      0xcf8
#define APIC_END      0xfef00000
#define ICR_MODE_INIT 5
#define ICR_MODE_SIPI 6

/* xorshift64*, Vigna 2016 */
u64 fuzz_random(struct fuzz *f)
{
	f->random ^= f->random >> 12;
	f->random ^= f->random << 25;
	f->random ^= f->random >> 27;
	return f->random * U64_C(0x2545f4914f6cdd1d);
}

u64 fuzz_below(struct fuzz *f, u64 limit) { return (fuzz_random(f) >> 16) % limit; }

bool fuzz_rare(struct fuzz *f) { return f->rare && fuzz_one_in(f, f->rare); }

static u64 near_power(struct fuzz *f) { return BIT(fuzz_below(f, 64)) + fuzz_below(f, 3) - 1; }

u64 fuzz_number(struct fuzz *f)
{
	static const u64 numbers[] = {
		0,        1,          2,          3,          7,      8,       15,
		16,       0x7f,       0x80,       0xff,       0x100,  0xfff,   0x1000,
		0x7ef,    0x7f0,      0x7f1,      0x800,      0xffff, 0x10000, 0x1fffff,
		0x200000, 0x7fffffff, 0x80000000, 0xffffffff, GIB4,
	};

	switch (fuzz_below(f, 8)) {
	case 0: return near_power(f);
	case 1: return -near_power(f);
	case 2: return fuzz_random(f);
	case 3: return fuzz_gpa(f, fuzz_page(f)) + fuzz_below(f, PAGE_SIZE);
	case 4: return fuzz_device(f);
	case 5: return f->window + fuzz_below(f, FUZZ_SLOTS * PAGE_SIZE);
	default: return fuzz_pick(f, numbers);
	}
}

u64 fuzz_bend(struct fuzz *f, u64 value)
{
	switch (fuzz_below(f, 16)) {
	case 0: return value ^ BIT(fuzz_below(f, 64));
	case 1: return fuzz_number(f);
	case 2: return value + fuzz_below(f, 17) - 8;
	case 3: return value ^ BIT(fuzz_below(f, 16));
	default: return value;
	}
}

unsigned int fuzz_size(struct fuzz *f) { return 1U << fuzz_below(f, 4); }

u64 fuzz_page(struct fuzz *f)
{
	/* few, so that one is hit again in another state; and those at the ends of 2M */
	return fuzz_one_in(f, 3) ? fuzz_below(f, FUZZ_PAGES)
				 : (fuzz_below(f, 8) + 508 * fuzz_below(f, 3)) % FUZZ_PAGES;
}

u64 fuzz_page_in(struct fuzz *f, enum fuzz_page state)
{
	for (int i = 0; i < 64; i++) {
		u64 page = fuzz_page(f);

		if (f->pages[page] == state)
			return page;
	}
	return FUZZ_PAGES;
}

u64 fuzz_device(struct fuzz *f)
{
	static const u64 pages[] = {
		0xfee00000, 0xfee00000, 0xfee00000, 0xfee01000,
		0xfeeff000, 0xfef00000, 0xfec00000, 0xfec00000,
		0xfebff000, 0xfedff000, 0xfec01000, 0xfed00000,
		0xfed00000, 0xfed1c000, 0xfed40000, 0xfeb00000,
		0xe0000000, 0xb0000000, 0xc0000000, 0x80000000,
		0xf0000000, 0xa0000,    0xb8000,    0xbf000,
		0xfffff000, GIB4,       BIT(39),    BIT(40) - PAGE_SIZE,
		BIT(46),
	};
	u64 page = fuzz_pick(f, pages);

	switch (fuzz_below(f, 16)) {
	case 0:
	case 1: /* the monitor's memory */
		page = f->ram_end + fuzz_below(f, 2000) * PAGE_SIZE;
		break;
	case 2: page = fuzz_random(f) & ((BIT(46) - 1) & ~U64_C(0xfff)); break;
	default: break;
	}
	switch (fuzz_below(f, 4)) {
	case 0: return page + fuzz_below(f, PAGE_SIZE);
	case 1: return page + (fuzz_below(f, PAGE_SIZE) & ~U64_C(0xf)); /* a register of the APIC */
	case 2: return page + fuzz_below(f, 0x40) * 4;
	default: return page + PAGE_SIZE - fuzz_size(f) + (fuzz_one_in(f, 4) ? 1 : 0);
	}
}

u64 fuzz_device_value(struct fuzz *f, u64 gpa, u64 value)
{
	u64 mode = bits_get(value, 10, 8);

	if (gpa >= APIC_BASE_DEFAULT && gpa < APIC_END &&
	    (mode == ICR_MODE_INIT || mode == ICR_MODE_SIPI) && !fuzz_rare(f))
		return value & ~U64_C(0x700);
	return value;
}

/* Where a write is the end: the verdict, power off, resets, the keyboard controller's reset. */
static bool ends(u16 port)
{
	return (port >= PORT_EXIT - 3 && port < PORT_EXIT + 4) || (port >= 0x600 && port < 0x608) ||
	       (port >= 0x5f0 && port < 0x608) || port == 0x92 || (port >= 0x8f && port < 0x93) ||
	       (port >= 0x5d && port <= 0x64);
}

/* Here the console's text would go, or a device's window to where another port is. */
static bool garbles(u16 port) { return port >= PORT_CONSOLE - 3 && port < PORT_CONSOLE + 8; }

static bool is_pci(u16 port) { return port >= PORT_PCI - 3 && port < PORT_PCI + 8; }

u16 fuzz_port(struct fuzz *f, bool write)
{
	static const u16 ports[] = {
		0x20,  0x21,  0xa0,  0xa1,  0x40,  0x43,  0x60,   0x61,   0x64,   0x70,
		0x71,  0x80,  0x92,  0xb2,  0xb3,  0xf4,  0x3f8,  0x3fd,  0x402,  0x406,
		0x510, 0x511, 0x514, 0x518, 0x600, 0x604, 0x608,  0x630,  0x634,  0x660,
		0xcd8, 0xcdc, 0xcf8, 0xcf9, 0xcfc, 0xcff, 0x5658, 0xaf00, 0xffff,
	};
	u16 port;

	do {
		port = fuzz_one_in(f, 3) ? (u16)fuzz_random(f)
					 : (u16)(fuzz_pick(f, ports) + fuzz_below(f, 3) - 1);
	} while (write && (garbles(port) || is_pci(port) || (ends(port) && !fuzz_rare(f))));
	return port;
}

u32 fuzz_msr(struct fuzz *f)
{
	static const u32 msrs[] = {
		0x10,
		0x1b,
		0x3a,
		0x3b,
		0x48,
		0x49,
		0x79,
		0x8b,
		0xce,
		0xfe,
		0x10a,
		0x122,
		0x174,
		0x175,
		0x176,
		0x179,
		0x17a,
		0x17b,
		0x1a0,
		0x1d9,
		0x1fc,
		0x200,
		0x20f,
		0x250,
		0x277,
		0x2ff,
		0x345,
		0x400,
		0x480,
		0x6e0,
		0x800,
		0x802,
		0x808,
		0x80b,
		0x80d,
		0x80f,
		0x810,
		0x828,
		0x82f,
		0x830,
		0x832,
		0x838,
		0x839,
		0x83e,
		0x83f,
		0xc80,
		0xda0,
		0x40000000,
		MSR_KVM_WALL_CLOCK_NEW,
		MSR_KVM_SYSTEM_TIME_NEW,
		MSR_KVM_ASYNC_PF_EN,
		MSR_KVM_STEAL_TIME,
		MSR_KVM_PV_EOI_EN,
		MSR_KVM_MIGRATION_CONTROL,
		0x4b564d06,
		0x4b564d07,
		0x12,
		0xc0000080,
		0xc0000081,
		0xc0000082,
		0xc0000084,
		0xc0000100,
		0xc0000102,
		0xc0000103,
		0xc0010010,
		0xc0010015,
		0xc001001b,
		0xc0010020,
		0xc0010055,
		0xc0010114,
		0xc0010117,
		0xc0010130,
		0xc0010131,
		0xc0011029,
		0xffffffff,
	};
	u32 msr = fuzz_pick(f, msrs);

	return fuzz_one_in(f, 8) ? (u32)fuzz_bend(f, msr + fuzz_below(f, 16)) : msr;
}

/* Where KVM would write all the time must not be what this guest needs. */
u64 fuzz_msr_value(struct fuzz *f, u32 msr, u64 old)
{
	u64 page = fuzz_page(f);

	if ((msr >= MSR_KVM_WALL_CLOCK_NEW && msr < 0x4b564e00) || msr == 0x11 || msr == 0x12) {
		u64 at = fuzz_gpa(f, page) + (fuzz_below(f, PAGE_SIZE) & ~U64_C(0x3f));

		return fuzz_one_in(f, 4) ? fuzz_device(f) | fuzz_below(f, 64)
					 : at | fuzz_below(f, 8);
	}
	if (msr == MSR_EFER) { /* without NXE this guest's tables have reserved bits */
		u64 flips = fuzz_random(f) & fuzz_random(f);

		flips = fuzz_one_in(f, 2) ? BIT(fuzz_below(f, 16)) : flips;
		return old ^ (fuzz_rare(f) ? flips : flips & ~(u64)EFER_NXE);
	}
	if (msr >= 0x800 && msr < 0x900)
		return fuzz_device_value(f, APIC_BASE_DEFAULT, fuzz_number(f));
	return fuzz_one_in(f, 2) ? fuzz_number(f) : old ^ BIT(fuzz_below(f, 64));
}

static bool has_seen;

void fuzz_look(u64 value)
{
	if ((u32)value == (u32)MEMORY_CANARY || value >> 32 == (u32)MEMORY_CANARY)
		has_seen = true;
}

bool fuzz_has_seen(void) { return has_seen; }

void fuzz_look_at(const volatile void *data, u64 size)
{
	const volatile u64 *words = data;

	for (u64 i = 0; i < size / sizeof(u64); i++)
		fuzz_look(words[i]);
}
