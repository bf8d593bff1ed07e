/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MAP_GPA_RANGE as user space gets it: decoded and checked before anything is done.
 * Spec: KVM-HC 8.
 */
#pragma once

#include "host/memory.h"

/* Why memory is converted: not to be mixed up with why it is given back (host/convert.h). */
enum convert_reason {
	CONVERT_HYPERCALL, /* the guest asked, in words */
	CONVERT_FAULT,     /* it touched the other side, and policy takes that for asking */
	CONVERT_LAUNCH,    /* before its first instruction */
};

struct gpa_range {
	u64 gpa;
	u64 page_count;
	bool private;
	enum convert_reason reason;
};

/*
 * 0 and @range, all of which lies in one slot; else the answer for the guest: -KVM_EINVAL (not
 * aligned, empty, wraps, reserved attributes, not the guest's memory). -KVM_EFAULT is for what the
 * host then fails to do.
 */
must_check s64 hypercall_map_gpa_range(const struct memory *memory, u64 gpa, u64 page_count,
				       u64 attributes, enum convert_reason reason,
				       struct gpa_range *range);
