/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nested page faults: the page is mapped as its state allows, is a device, or is a violation.
 */
#pragma once

#include "abi/vmcb.h"
#include "monitor/svm/access.h"
#include "monitor/svm/vcpu.h"

void npf_handle(struct vcpu *v);

/* What kind of access EXITINFO1 tells of. */
static inline enum access_kind npf_kind(u64 info)
{
	if (info & NPF_TABLE_WALK)
		return ACCESS_WALK;
	if (info & NPF_I)
		return ACCESS_EXECUTE;
	return info & NPF_W ? ACCESS_WRITE : ACCESS_READ;
}
