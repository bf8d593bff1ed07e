/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest memory as the monitor reaches it: as the processor (walks, instruction fetches, pushes of
 * an exception frame) with the guest's own rights, or as the host, through the shared alias only.
 */
#pragma once

#include "monitor/machine/entry.h"
#include "monitor/svm/access.h"
#include "monitor/svm/vcpu.h"

enum page_class {
	PAGE_RAM,    /* memory, whoever's it is */
	PAGE_DEVICE, /* a device, a hole, or the monitor's own memory */
};

#define VGA_START 0xa0000
#define VGA_END   0xc0000
#define MIB1      0x100000

/*
 * Where the machine has a guest's page: there too, but for firmware and for memory in the PC's
 * hole, where a device's DMA goes astray.
 */
static inline u64 page_host(u64 gpa)
{
	if (gpa - guest.rom_gpa < guest.rom_size)
		return guest.rom_host + (gpa - guest.rom_gpa);
	if (guest.hole_host && gpa - VGA_START < MIB1 - VGA_START)
		return guest.hole_host + (gpa - VGA_START);
	return gpa;
}

/* ... for the monitor to read and to write. */
static inline void *page_pointer(u64 gpa) { return host_pointer(page_host(gpa)); }

enum page_class page_class(u64 gpa);
/* Memory of the monitor. */
bool page_is_own(u64 gpa);

/* All of the aligned 2M around @gpa is of @class, and none of it the monitor's. */
bool page_class_is_uniform_2m(u64 gpa, enum page_class class);

/*
 * Undefined contents become noise, or zeroes where they are to be: called before anyone sees the
 * pages of [gpa, gpa + size).
 */
void page_poison(u64 gpa, u64 size);
/*
 * The pages around the one at @gpa, in its 2M, that can be mapped with it, all RAM: where they
 * begin, and their @size.
 */
u64 page_alike(u64 gpa, u64 *size);
/* The pages of [gpa, gpa + size) became private or shared: they are to be mapped anew. */
void page_changed(struct npt *npt, u64 gpa, u64 size, bool private);
/* The same for many, a page or more at a time: what is next to each other goes together. */
struct page_changes {
	struct npt *npt;
	u64 gpa;
	u64 size; /* 0: none yet */
	bool private;
};
void page_changes_add(struct page_changes *changes, u64 gpa, u64 size, bool private);
void page_changes_end(struct page_changes *changes);

/*
 * What the processor reaches at @address, alias bit included, to the end of the page. A violation
 * stops the guest. NULL: a device.
 */
void *page_of_guest(struct vcpu *v, u64 address, enum access_kind kind);

/*
 * The same where the guest itself has it mapped at this moment, else NULL: nothing is judged, and
 * nothing changes. For who looks on.
 */
void *page_peek(struct vcpu *v, u64 address, enum access_kind kind);

/* [gpa, gpa + size) for the host; NULL where it is not shared memory within one page. */
void *page_of_host(u64 gpa, u64 size);

/*
 * Copies [gpa, gpa + size) as the host, from @data or (not @to_guest) to it. -E_FAULT, and nothing
 * copied, where a page of it is not shared.
 */
must_check int page_host_copy(u64 gpa, void *data, size_t size, bool to_guest);

/* kvm_write_t: writes as the host; -E_FAULT, and nothing written, where the page is not shared. */
int page_host_write(void *context, u64 gpa, const void *data, size_t size);
