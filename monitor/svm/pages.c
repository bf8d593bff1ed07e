/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See pages.h.
 */
#include "monitor/svm/pages.h"

#include "lib/compiler.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "monitor/svm/denied.h"
#include "monitor/svm/guarded.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/smp.h"
#include "monitor/svm/stop.h"

/*
 * Recognisable in a dump, never zero, different from page to page. Bit 0 of each word is clear: a
 * processor of Linux looks at its PV EOI word and steal time before it registers them, and with KVM
 * finds zeros there. A bit set would tell it not to end an interrupt, which then blocks all others.
 */
#define NOISE U64_C(0x5a0ff5e6deadbeee)

struct guest guest;

bool page_is_own(u64 gpa) { return gpa >= guest.own_low && gpa < guest.own_high; }

static bool own_in_2m(u64 gpa)
{
	u64 base = align_down(gpa, (u64)PAGE_2M_SIZE);

	return base < guest.own_high && base + PAGE_2M_SIZE > guest.own_low;
}

enum page_class page_class(u64 gpa)
{
	if (page_is_own(gpa))
		return PAGE_DEVICE;
	if (gpa < MIB1)
		return gpa >= VGA_START && gpa < VGA_END && !guest.hole_host ? PAGE_DEVICE
									     : PAGE_RAM;
	if (gpa < guest.ram_end_low || gpa - guest.rom_gpa < guest.rom_size)
		return PAGE_RAM;
	return gpa >> 32 && memmap_type(&guest.map, gpa) == HVM_MEMMAP_RAM ? PAGE_RAM : PAGE_DEVICE;
}

bool page_class_is_uniform_2m(u64 gpa, enum page_class class)
{
	u64 base = align_down(gpa, (u64)PAGE_2M_SIZE);
	u64 end = base + PAGE_2M_SIZE;

	if (base == 0 || own_in_2m(gpa) || (base < GUARDED_END && end > GUARDED_START))
		return false;
	if (class == PAGE_RAM)
		return end <= guest.ram_end_low || memmap_is_ram(&guest.map, base, PAGE_2M_SIZE);
	return base >= guest.ram_end_low && base < U64_C(1) << 32 &&
	       (!guest.rom_size || end <= guest.rom_gpa);
}

/* Somebody waits for the first touch of the lone page: it comes with no other one. */
static bool may_join(u64 gpa)
{
	return page_class(gpa) == PAGE_RAM && !(guest.lone_gpa && gpa == guest.lone_gpa);
}

/* One mapping is right for the page at @gpa and the next one: the machine has them so, too. */
static bool joins_next(u64 gpa)
{
	return may_join(gpa) && may_join(gpa + PAGE_SIZE) &&
	       page_host(gpa) + PAGE_SIZE == page_host(gpa + PAGE_SIZE);
}

u64 page_alike(u64 gpa, u64 *size)
{
	u64 first = guest.hardware->alike(gpa, size), low = align_down(gpa, (u64)PAGE_SIZE);
	u64 end = first + *size, high = low + PAGE_SIZE;

	if (page_class_is_uniform_2m(gpa, PAGE_RAM))
		return first;
	while (low > first && joins_next(low - PAGE_SIZE))
		low -= PAGE_SIZE;
	while (high < end && joins_next(high - PAGE_SIZE))
		high += PAGE_SIZE;
	*size = high - low;
	return low;
}

static u64 noise_of(u64 gpa)
{
	if (guest.secret && !guest.hardware->is_shared(gpa) && !guest.hardware->is_cipher &&
	    !guest.hardware->is_zeroed)
		return guest.secret;
	return guest.hardware->is_zeroed && !guest.hardware->is_shared(gpa) ? 0 : NOISE ^ gpa;
}

#define WORDS (PAGE_SIZE / sizeof(u64))

/* Unrolled: an emulator takes three times as long for REP STOS. */
static void fill(u64 *words, u64 noise)
{
#pragma clang loop unroll_count(32)
	for (unsigned int i = 0; i < WORDS; i++)
		words[i] = noise;
}

static void encipher(u64 *words, u64 noise)
{
#pragma clang loop unroll_count(32)
	for (unsigned int i = 0; i < WORDS; i++)
		words[i] ^= noise;
}

/* When nobody is in the guest any more who had it before, and could write to it. */
static void write_page(u64 gpa)
{
	smp_flush();
	if (guest.hardware->is_cipher)
		encipher(page_pointer(gpa), noise_of(gpa));
	else
		fill(page_pointer(gpa), noise_of(gpa));
}

static __cold void write_due(u64 gpa, u64 size)
{
	for (u64 p = gpa; p < gpa + size; p += PAGE_SIZE)
		if (guest.hardware->is_poison(p))
			write_page(p);
	guest.hardware->poisoned(gpa, size);
}

/* The writing is apart for this to be inline: a page walk asks at every level. */
void page_poison(u64 gpa, u64 size)
{
	if (size != PAGE_SIZE || guest.hardware->is_poison(gpa))
		write_due(gpa, size);
}

/* What a shared page is to hold is written now, for a device may be first to write there. */
static void share(u64 gpa, u64 size)
{
	for (u64 p = gpa; p < gpa + size; p += PAGE_SIZE)
		if (page_class(p) == PAGE_RAM && guest.hardware->is_poison(p))
			write_page(p);
	guest.hardware->poisoned(gpa, size);
}

void page_changed(struct npt *npt, u64 gpa, u64 size, bool private)
{
	denied_forget(gpa, size);
	npt_unmap(npt, gpa, size);
	if (!private)
		share(gpa, size);
}

void page_changes_add(struct page_changes *changes, u64 gpa, u64 size, bool private)
{
	if (changes->private != private || changes->gpa + changes->size != gpa) {
		page_changes_end(changes);
		changes->gpa = gpa;
		changes->private = private;
	}
	changes->size += size;
}

void page_changes_end(struct page_changes *changes)
{
	if (changes->size)
		page_changed(changes->npt, changes->gpa, changes->size, changes->private);
	changes->size = 0;
}

void *page_of_guest(struct vcpu *v, u64 address, enum access_kind kind)
{
	u64 gpa;

	if (v->page)
		return v->page(v, address, kind);
	address &= ~v->npt->ignored_bit;
	gpa = address & ~v->npt->alias_bit;
	if (page_class(gpa) == PAGE_DEVICE)
		return NULL;
	if (!guest.hardware->access(v, address, kind)) {
		if (denied_has(gpa))
			stop_violation(v, VIOLATION_HOST_DENIED, "gpa=%#lx", gpa);
		stop_crashed(v, "an exception while the processor used memory of its own accord");
	}
	page_poison(align_down(gpa, (u64)PAGE_SIZE), PAGE_SIZE);
	return page_pointer(gpa);
}

void *page_peek(struct vcpu *v, u64 address, enum access_kind kind)
{
	u64 gpa = address & ~(v->npt->alias_bit | v->npt->ignored_bit);
	bool private = v->npt->alias_bit && (kind == ACCESS_WALK || !kind_is_shared(v, address));
	enum npt_view view = private ? NPT_PRIVATE : NPT_SHARED;
	u64 host;

	if (page_class(gpa) != PAGE_RAM || !npt_reaches(v->npt, gpa))
		return NULL;
	return npt_find(v->npt, view, gpa, false, &host) ? host_pointer(host) : NULL;
}

void *page_of_host(u64 gpa, u64 size)
{
	if (size > PAGE_SIZE - gpa % PAGE_SIZE || page_class(gpa) != PAGE_RAM)
		return NULL;
	if (!guest.hardware->host_access(gpa))
		return NULL;
	page_poison(align_down(gpa, (u64)PAGE_SIZE), PAGE_SIZE);
	return page_pointer(gpa);
}

int page_host_write(void *context, u64 gpa, const void *data, size_t size)
{
	void *to = page_of_host(gpa, size);

	(void)context;
	if (!to)
		return -E_FAULT;
	memcpy(to, data, size);
	return 0;
}

/* How much of what is left lies in the page of @gpa. */
static size_t in_page(u64 gpa, size_t left)
{
	size_t room = PAGE_SIZE - gpa % PAGE_SIZE;

	return left < room ? left : room;
}

int page_host_copy(u64 gpa, void *data, size_t size, bool to_guest)
{
	for (size_t done = 0; done < size; done += in_page(gpa + done, size - done))
		if (!page_of_host(gpa + done, in_page(gpa + done, size - done)))
			return -E_FAULT;
	for (size_t done = 0, step; done < size; done += step) {
		u8 *there, *here = (u8 *)data + done;

		step = in_page(gpa + done, size - done);
		there = page_of_host(gpa + done, step);
		memcpy(to_guest ? there : here, to_guest ? here : there, step);
	}
	return 0;
}
