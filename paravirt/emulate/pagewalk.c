/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walk of 4 or 5 levels.
 */
#include "paravirt/emulate/pagewalk.h"

#include "abi/x86.h"

#define LEVEL_BITS 9

int pagewalk(pa_t root, unsigned int levels, u64 private_mask, u64 shared_mask, va_t address,
	     struct pagewalk *result)
{
	u64 address_mask = PTE_ADDR_MASK & ~(private_mask | shared_mask);
	u64 table = root.value & address_mask;

	for (unsigned int level = levels; level; level--) {
		unsigned int shift = PAGE_SHIFT + LEVEL_BITS * (level - 1);
		unsigned int index = (unsigned int)(address.value >> shift) % PTE_COUNT;
		u64 entry = ((const volatile u64 *)pa_ptr(pa(table)))[index];
		u64 target = entry & address_mask;

		if (!(entry & PTE_P))
			return -E_FAULT;
		if (level == 1 || entry & PTE_PS) {
			u64 inside = address.value & bits_mask(shift);

			/* In a large entry the PAT bit lies below the address. */
			result->address = pa((target & ~bits_mask(shift)) | inside);
			result->private = (entry & (private_mask | shared_mask)) == private_mask;
			return 0;
		}
		table = target;
	}
	return -E_FAULT;
}
