/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See hypercall.h.
 */
#include "host/hypercall.h"

#include "abi/kvm_para.h"
#include "lib/compiler.h"

#define RESERVED ~(u64)(KVM_MAP_GPA_RANGE_ENCRYPTED | KVM_MAP_GPA_RANGE_PAGE_SZ_MASK)

s64 hypercall_map_gpa_range(const struct memory *memory, u64 gpa, u64 page_count, u64 attributes,
			    enum convert_reason reason, struct gpa_range *range)
{
	u64 size = page_count << PAGE_SHIFT;

	if (!is_aligned(gpa, (u64)PAGE_SIZE) || !page_count || size >> PAGE_SHIFT != page_count ||
	    gpa + size < gpa || attributes & RESERVED)
		return -KVM_EINVAL;
	if (!memory_slot(memory, gpa, size))
		return -KVM_EINVAL;
	*range = (struct gpa_range){ gpa, page_count, attributes & KVM_MAP_GPA_RANGE_ENCRYPTED,
				     reason };
	return 0;
}
