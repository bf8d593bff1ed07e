/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MAP_GPA_RANGE is acted upon only when all of it is the guest's memory, and is refused with the
 * error that KVM documents.
 * RUN: %unit-cc %s -o %t
 */
#define _GNU_SOURCE /* strerrordesc_np() */
#include <assert.h>

#include "abi/kvm_para.h"

#include "../../host/hypercall.c"
#include "../../host/layout.c"
#include "../../host/memory.c"
#include "../../host/why.c"
#include "../../model/memmap.c"

#define MIB (U64_C(1) << 20)

static struct memory memory = {
	.slot_count = 2,
	.slots = { { .size = 3072 * MIB }, { .gpa = U64_C(1) << 32, .size = 64 * MIB } },
};

static s64 map(u64 gpa, u64 pages, u64 attributes)
{
	struct gpa_range range = { ~U64_C(0), 0, false, CONVERT_LAUNCH };
	s64 answer =
		hypercall_map_gpa_range(&memory, gpa, pages, attributes, CONVERT_FAULT, &range);

	if (!answer) {
		assert(range.gpa == gpa && range.page_count == pages);
		assert(range.reason == CONVERT_FAULT);
		assert(range.private == !!(attributes & KVM_MAP_GPA_RANGE_ENCRYPTED));
	} else {
		assert(range.gpa == ~U64_C(0));
	}
	return answer;
}

int main(void)
{
	const u64 top = ~U64_C(0);

	assert(!map(0, 1, 0));
	assert(!map(0x1000, 3, KVM_MAP_GPA_RANGE_ENCRYPTED));
	assert(!map(0, 3072 * MIB / PAGE_SIZE, KVM_MAP_GPA_RANGE_PAGE_SZ_2M));
	assert(!map(U64_C(1) << 32, 64 * MIB / PAGE_SIZE, 2));
	assert(map(1, 1, 0) == -KVM_EINVAL);
	assert(map(0xfff, 1, 0) == -KVM_EINVAL);
	assert(map(0x1000, 0, 0) == -KVM_EINVAL);
	assert(!map(0x1000, 1, 0x1f));
	assert(map(0x1000, 1, 0x20) == -KVM_EINVAL);
	assert(map(0x1000, 1, top) == -KVM_EINVAL);
	assert(map(0x1000, top, 0) == -KVM_EINVAL);
	assert(map(0x1000, U64_C(1) << 52, 0) == -KVM_EINVAL);
	assert(map(top & ~U64_C(0xfff), 1, 0) == -KVM_EINVAL);
	assert(map(top & ~U64_C(0xfff), 2, 0) == -KVM_EINVAL);
	assert(map(0, 3072 * MIB / PAGE_SIZE + 1, 0) == -KVM_EINVAL);
	assert(map(3072 * MIB, 1, 0) == -KVM_EINVAL);
	assert(map(0xfee00000, 1, 0) == -KVM_EINVAL);
	assert(map((U64_C(1) << 32) + 63 * MIB, 257, 0) == -KVM_EINVAL);
	assert(map(U64_C(1) << 45, 1, 0) == -KVM_EINVAL);
	return 0;
}
