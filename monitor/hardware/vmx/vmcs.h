/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VMCS as it lies in its region, which is L1's memory: SDM3 25.2 leaves the format behind the
 * first two words to the processor. Each field has a u64, whatever its width.
 *
 * The region is L1's to overwrite, though it may not. So nothing that is there is believed: an
 * entry copies all of it and looks at the copy, and what VMREAD finds is L1's own matter. Pure.
 */
#pragma once

#include "abi/vmx.h"
#include "lib/errno.h"

#define VMCS_SHADOW BIT(31) /* beside the revision */

#define VMCS_CLEAR    0
#define VMCS_LAUNCHED 1

struct vmcs_fields {
#define VMCS_FIELD(NAME, name, encoding) u64 name;
#include "abi/vmcs.def"
#undef VMCS_FIELD
};

struct vmcs {
	u32 revision;
	u32 abort; /* why an exit could not be finished: 28.7 */
	u32 launch_state;
	u32 reserved;
	struct vmcs_fields f;
};
_Static_assert(sizeof(struct vmcs) <= PAGE_SIZE, "a region has room for the fields");

/* Of the encodings that there are: appendix A.9 */
unsigned int vmcs_index_highest(void);

/* -E_NOENT: no such field; -E_PERM: it is an exit's to write. @encoding: a register. */
must_check int vmcs_read(const struct vmcs *v, u64 encoding, u64 *value);
must_check int vmcs_write(struct vmcs *v, u64 encoding, u64 value);

/* All fields, each read once and within its width: what an entry works on. */
void vmcs_take(const struct vmcs *v, struct vmcs_fields *fields);
