/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of fuzz.h with page tables of the guest's own: an entry of the window says anything, is
 * changed through another mapping of the table, and what it names is touched in every way, over
 * the end of its page too.
 */
#include "fuzz.h"
#include "sandbox.h"

#include "abi/x86.h"
#include "early/platform.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"

#define FLASH  U64_C(0xff000000)
#define IOAPIC U64_C(0xfec00000)
#define GIB1   U64_C(0x40000000)
#define GIB4   (4 * GIB1)

struct access {
	struct fuzz *f;
	u64 address;
	unsigned int size;
	unsigned int kind;
	u64 value;
};

static u64 private_bits(void) { return platform.private_mask; }
static u64 shared_bits(void) { return platform.shared_mask; }

/* A page as its state allows, which hardly ends the guest. */
static u64 fitting(struct fuzz *f, bool *is_device)
{
	u64 page = fuzz_page(f);

	*is_device = false;
	if (fuzz_one_in(f, 3) || f->pages[page] == FUZZ_UNUSABLE) {
		u64 gpa = align_down(fuzz_device(f), (u64)PAGE_SIZE);

		*is_device = true;
		if (gpa < GIB1 && gpa >= f->ram_end && !fuzz_rare(f)) /* the monitor's */
			gpa += GIB4;
		if (gpa < GIB1 && gpa < f->ram_end && platform.kind == PLATFORM_TDX &&
		    !fuzz_rare(f))
			gpa = IOAPIC; /* the hole of a PC, where a TD has memory */
		if (gpa >= FLASH && gpa < GIB4 &&
		    !fuzz_rare(f)) /* private, where it is the guest's */
			gpa = IOAPIC;
		return gpa | shared_bits();
	}
	if (f->pages[page] == FUZZ_SHARED)
		return fuzz_gpa(f, page) | shared_bits();
	return fuzz_gpa(f, page) | private_bits();
}

/* On platforms without page states the guest's memory can be used as it likes. */
static u64 entry(struct fuzz *f, bool *is_device)
{
	static const u64 odd[] = { PTE_PWT, PTE_PCD, PTE_A,   PTE_D, PTE_PS,
				   PTE_G,   BIT(9),  BIT(58), PTE_U };
	u64 value = fitting(f, is_device) | PTE_P | PTE_W | PTE_NX;

	for (u64 i = fuzz_below(f, 4); i; i--)
		value ^= fuzz_pick(f, odd);
	if (fuzz_one_in(f, 8))
		value &= ~(u64)PTE_W;
	if (fuzz_one_in(f, 16))
		value &= ~(u64)PTE_P;
	if (fuzz_one_in(f, 16) && (!private_bits() || !(value & private_bits())) &&
	    shared_bits() == (value & shared_bits()))
		value ^= BIT(32 + fuzz_below(f, 8)); /* far beyond memory */
	if (fuzz_rare(f))
		value ^= BIT(51 - fuzz_below(f, 6));
	return value;
}

/* The monitor decodes this guest's accesses to interrupt controllers. */
static bool is_open(void) { return !cc_has(CC_STATE_ENCRYPTED) && platform.kind != PLATFORM_TDX; }

static void touch(struct access *a)
{
	volatile u8 *p = (volatile u8 *)a->address;

	switch (a->kind) {
	case 0:
		switch (a->size) {
		case 1: a->value = *p; break;
		case 2: a->value = *(volatile u16 *)p; break;
		case 4: a->value = *(volatile u32 *)p; break;
		default: a->value = *(volatile u64 *)p;
		}
		break;
	case 1:
		switch (a->size) {
		case 1: *p = (u8)a->value; break;
		case 2: *(volatile u16 *)p = (u16)a->value; break;
		case 4: *(volatile u32 *)p = (u32)a->value; break;
		default: *(volatile u64 *)p = a->value;
		}
		break;
	case 2: {
		u32 value = (u32)a->value;

		__asm__ volatile("lock; xaddl %0, (%1)" : "+r"(value) : "r"(p) : "memory");
		break;
	}
	case 3: {
		u64 count = a->size, to = a->f->window + PAGE_SIZE, from = a->address;

		__asm__ volatile("rep movsb" : "+c"(count), "+S"(from), "+D"(to)::"memory");
		break;
	}
	case 4: {
		u64 count = a->size, to = a->address;

		__asm__ volatile("rep stosb" : "+c"(count), "+D"(to) : "a"(a->value) : "memory");
		break;
	}
	default:
		__asm__ volatile("movups (%0), %%xmm0\n\tmovups %%xmm0, (%1)" ::"r"(p),
				 "r"(a->f->window + 2 * PAGE_SIZE)
				 : "memory", "xmm0");
	}
}

static void run(void *context) { touch(context); }

bool fuzz_slots(struct fuzz *f)
{
	volatile u64 *slots = (volatile u64 *)fuzz_slot(f, FUZZ_SLOTS - 1);
	bool is_device, any = false;

	for (unsigned int slot = 0; slot < FUZZ_SLOTS - 1; slot++) {
		slots[slot] = entry(f, &is_device);
		any |= is_device;
		invlpg(fuzz_slot(f, slot));
	}
	return any;
}

void fuzz_tables(struct fuzz *f)
{
	struct access a = { .f = f, .size = fuzz_size(f), .kind = (unsigned int)fuzz_below(f, 6) };
	u64 slot = fuzz_below(f, FUZZ_SLOTS - 1);
	bool is_device = fuzz_slots(f);

	a.address = f->window + slot * PAGE_SIZE + fuzz_below(f, PAGE_SIZE);
	if (fuzz_one_in(f, 2)) /* over its end, or just not */
		a.address = f->window + (slot + 1) * PAGE_SIZE - fuzz_below(f, 16);
	else if (is_device)
		a.address &= ~U64_C(0xf);
	if (a.address + 16 > f->window + (FUZZ_SLOTS - 1) * PAGE_SIZE)
		a.address -= 16; /* the last slot is the tables' own */
	a.value = fuzz_device_value(f, APIC_BASE_DEFAULT, fuzz_number(f));
	if (is_device && is_open() &&
	    !fuzz_rare(f)) /* plain stores are all that there is for those */
		a.kind = fuzz_below(f, 2);
	if (!f->cpu && f->cases >= f->verbose)
		log_info("fuzz: kind %u of %u at %#lx value %#lx, entries %#lx %#lx %#lx", a.kind,
			 a.size, a.address, a.value, ((u64 *)fuzz_slot(f, 3))[0],
			 ((u64 *)fuzz_slot(f, 3))[1], ((u64 *)fuzz_slot(f, 3))[2]);
	if (!sandbox_call(run, &a))
		a.value = 0;
	if (a.kind == 0)
		fuzz_look(a.value);
	f->exits++;
}
