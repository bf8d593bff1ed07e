/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the processor allows to be done with a page, as functions on that page's RMP entry. Where
 * entries are kept is their callers': rmp.c has the pages of our own host's one guest, rmp_table.c
 * the table in memory of a host that has the whole machine.
 * Spec: APM2 15.36 (RMP checks), APM3 PVALIDATE and RMPADJUST.
 */
#pragma once

#include "abi/bits.h"
#include "abi/sev.h"
#include "monitor/svm/access.h"

/*
 * An entry:  31      20 19    16 15    12 11     8 7           0
 *           | reserved | VMPL 3 | VMPL 2 | VMPL 1 | RMP_* flags |   VMPL 0 may do everything
 * Zero is a page of the host: shared memory, a device or nothing, with nothing to poison.
 */
#define RMP_ASSIGNED         0x01
#define RMP_VALIDATED        0x02
#define RMP_LARGE            0x04 /* one of 2M: 512 pages, equal but for RMP_POISON */
#define RMP_VMSA             0x08
#define RMP_IMMUTABLE        0x10 /* in the firmware's hands: the guest changes nothing */
#define RMP_POISON           0x20 /* contents are undefined: poison before the page is mapped */
#define RMP_IN_USE           0x40 /* a processor's VMSA: nobody else writes it */
#define RMP_VMPL_SHIFT(vmpl) (4 + 4 * (vmpl)) /* vmpl 1 to 3 */

/* Why a guest did not get at a page: what a nested page fault, or #VC, says of it. */
enum rmp_fault {
	RMP_FAULT_NONE,
	RMP_FAULT_UNASSIGNED,    /* not assigned to the guest, or in the firmware's hands */
	RMP_FAULT_IN_USE,        /* a VMSA that a processor runs on */
	RMP_FAULT_SIZE,          /* a 4K operation on a 2M entry: the host has to smash it */
	RMP_FAULT_NOT_VALIDATED, /* #VC and not an exit */
	RMP_FAULT_PERMISSION,    /* the VMPL's */
};

/* The outcome of PVALIDATE or RMPADJUST. Where @status is not 0, nothing changes. */
struct rmp_change {
	enum rmp_fault fault;
	u32 status;     /* EAX: PVALIDATE_* or RMPADJUST_* */
	bool unchanged; /* CF of PVALIDATE: the entry had the state already */
	u32 clear,
		set; /* the entry becomes (entry & ~clear) | set; of RMP_FAULT_SIZE: once smashed */
};

/*
 * PVALIDATE (of @validate) and RMPADJUST (by @vmpl, RDX = @attributes) of @size on the page at
 * @gpa, whose entry is @entry; of a 2M entry any page's will do. @busy: one of the pages is a VMSA
 * in use. Of several faults the first in the order of the instruction's checks.
 */
struct rmp_change rmp_rule_pvalidate(u32 entry, u64 gpa, u64 size, bool busy, bool validate);
struct rmp_change rmp_rule_adjust(u32 entry, u64 gpa, u64 size, bool busy, unsigned int vmpl,
				  u64 attributes);

/* Whether an operation of @size on @gpa is one at all: else its status is FAIL_INPUT. */
static inline bool rmp_rule_operand(u64 gpa, u64 size)
{
	return size <= RMP_PG_SIZE_2M &&
	       (size == RMP_PG_SIZE_4K || !bits_get(gpa, PAGE_2M_SHIFT - 1, PAGE_SHIFT));
}

/* The permissions that @vmpl has in @entry, which bound what it may grant: APM3 RMPADJUST. */
static inline u32 rmp_permissions(u32 entry, unsigned int vmpl)
{
	return vmpl ? (entry >> RMP_VMPL_SHIFT(vmpl)) & RMP_PERM_ALL : RMP_PERM_ALL;
}

/* What an access needs of them. */
static inline u32 rmp_permissions_needed(enum access_kind kind)
{
	switch (kind) {
	case ACCESS_READ: return RMP_PERM_READ;
	case ACCESS_WRITE: return RMP_PERM_WRITE;
	case ACCESS_EXECUTE: return RMP_PERM_EXECUTE_SUPERVISOR;
	case ACCESS_WALK: return RMP_PERM_READ | RMP_PERM_WRITE;
	}
	return RMP_PERM_ALL;
}

/*
 * An access through a private mapping, or by the walker, which may write. A VMSA that is in use can
 * be read: it is writable translations that the processor refuses.
 */
static inline enum rmp_fault rmp_rule_private(u32 entry, unsigned int vmpl, enum access_kind kind)
{
	if (!(entry & RMP_ASSIGNED))
		return RMP_FAULT_UNASSIGNED;
	if (!(entry & RMP_VALIDATED))
		return RMP_FAULT_NOT_VALIDATED;
	if (entry & RMP_IN_USE && (kind == ACCESS_WRITE || kind == ACCESS_WALK))
		return RMP_FAULT_IN_USE;
	if (rmp_permissions_needed(kind) & ~rmp_permissions(entry, vmpl))
		return RMP_FAULT_PERMISSION;
	return RMP_FAULT_NONE;
}
