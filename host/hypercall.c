/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See hypercall.h.
 */
#include "host/hypercall.h"

#include "abi/kvm_para.h"
#include "lib/compiler.h"

#define PAGE_SIZE_MASK 0xf /* bits 3:0, the preferred page size: 4K, 2M, 1G */
#define PAGE_SIZE_1G   2

static bool attributes_are_known(u64 attributes)
{
	return !(attributes & ~(KVM_MAP_GPA_RANGE_ENCRYPTED | PAGE_SIZE_MASK)) &&
	       (attributes & PAGE_SIZE_MASK) <= PAGE_SIZE_1G;
}

s64 hypercall_map_gpa_range(const struct memory *memory, u64 gpa, u64 page_count, u64 attributes,
			    struct gpa_range *range)
{
	u64 size = page_count << PAGE_SHIFT;

	if (!is_aligned(gpa, (u64)PAGE_SIZE) || !page_count || size >> PAGE_SHIFT != page_count ||
	    gpa + size < gpa || !attributes_are_known(attributes))
		return -KVM_EINVAL;
	if (!memory_slot(memory, gpa, size))
		return -KVM_EFAULT;
	*range = (struct gpa_range){ gpa, page_count, attributes & KVM_MAP_GPA_RANGE_ENCRYPTED };
	return 0;
}
