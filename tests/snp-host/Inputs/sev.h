/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest of vm.h with a key needs of its own: a copy of this image that the firmware
 * enciphers, with page tables that have the C-bit, and at 1 GiB the same memory without it.
 */
#pragma once

#include "psp.h"
#include "vm.h"

#define IMAGE 0x200000   /* 2M, with all that the guest has */
#define ALIAS 0xc0000000 /* the image once more, without holes */
#define C_BIT BIT(47)
#define OWN   (PTE_P | PTE_W)

static u64 guest_tables[4][512] __attribute__((aligned(PAGE)));
static unsigned int copies_made;
static u8 guest_stack[PAGE] __attribute__((aligned(PAGE)));

/* As vm_state(), but below its own tables and on its own stack. */
static inline void sev_state(struct vmsa *s, void (*text)(void))
{
	vm_state(s, text);
	s->cr3 = (u64)guest_tables | C_BIT;
	s->rsp = (u64)guest_stack + PAGE - 8;
}

static void map_all(void)
{
	guest_tables[0][0] = (u64)guest_tables[1] | C_BIT | OWN;
	guest_tables[1][0] = (u64)guest_tables[2] | C_BIT | OWN;
	guest_tables[1][1] = (u64)guest_tables[3] | C_BIT | OWN;
	for (u64 i = 0; i < 512; i++) {
		guest_tables[2][i] = i * HUGE | C_BIT | OWN | PTE_PS;
		guest_tables[3][i] = i * HUGE | OWN | PTE_PS;
	}
}

/* Where the guest's copy of the image is, in 2M of its own; 0: nowhere. */
static u64 image_copy(void)
{
	pa_t copy;

	map_all();
	if (phys_alloc(9, &copy) ||
	    (pgtable_map(mm_pgtable(), va(ALIAS), pa(IMAGE), HUGE, 0) && !copies_made))
		return 0;
	copies_made++;
	memcpy(pa_ptr(copy), (const void *)ALIAS, HUGE);
	npt[IMAGE / HUGE] = copy.value | TABLE | PTE_PS;
	return copy.value;
}

/* The same, by the key of @handle. */
static inline u64 sev_image(u32 handle)
{
	u64 copy = image_copy();

	return copy && !psp_encrypt(handle, copy, HUGE) ? copy : 0;
}
