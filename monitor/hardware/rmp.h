/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reverse map as the guest can observe it: the state of every 4K page of guest memory, and
 * the instructions, page-state changes and accesses that it judges.
 * Spec: APM2 15.36 (RMP checks), APM3 PVALIDATE and RMPADJUST.
 * What an entry is, and what it allows: rmp_rules.h.
 * Does not know ASIDs (there is one guest) and is not locked: the monitor holds one lock.
 */
#pragma once

#include "abi/x86.h"
#include "lib/errno.h"
#include "monitor/hardware/page_state.h"
#include "monitor/hardware/rmp_rules.h"
#include "monitor/svm/violation.h"

struct rmp {
	struct page_states pages; /* by guest frame */
	bool small_only;          /* the host makes 4K entries only, as KVM of 4K guest_memfd */
};

/* The outcome of PVALIDATE or RMPADJUST. Where violation is set, the rest means nothing. */
struct rmp_result {
	enum violation violation;
	u64 gpa;        /* the page that violates, or that did */
	u32 status;     /* EAX: PVALIDATE_* or RMPADJUST_* */
	bool unchanged; /* CF of PVALIDATE: the RMP entry had the state already */
	bool smashed;   /* the host had to PSMASH a 2M entry first */
};

/* Every page becomes the host's. @words as for page_state_init(). */
void rmp_init(struct rmp *rmp, u32 *words, u64 page_count);

/* The RMP_ flags of a page; 0 outside of the table. */
u32 rmp_flags(const struct rmp *rmp, u64 gpa);
static inline bool rmp_is_shared(const struct rmp *rmp, u64 gpa)
{
	return !(rmp_flags(rmp, gpa) & RMP_ASSIGNED);
}

/* Whether page-state changes of the @count pages from @gpa on give no error. */
bool rmp_can_change(const struct rmp *rmp, u64 gpa, u64 count);

/*
 * Launch: [gpa, gpa + size) becomes the guest's, by 2M entries wherever a whole one fits.
 * @flags: RMP_VALIDATED for measured pages; RMP_POISON for memory without promised contents;
 * RMP_IMMUTABLE for pages that only the firmware may change.
 * -E_INVAL: not page-aligned; -E_RANGE: not all inside the table.
 */
must_check int rmp_assign(struct rmp *rmp, u64 gpa, u64 size, u32 flags);

/*
 * PVALIDATE by a guest at VMPL 0 whose address has been translated to @gpa; @size is ECX
 * (RMP_PG_SIZE_*), @validate is bit 0 of EDX. A 4K operation on a 2M entry smashes it, as a host
 * does on the exit that hardware raises. Validating what is validated is a violation; rescinding
 * what is not validated is legal and comes back as `unchanged`.
 */
struct rmp_result rmp_pvalidate(struct rmp *rmp, u64 gpa, u64 size, bool validate);

/* RFLAGS that come with @result: CF is `unchanged`, the others are those of EAX against zero. */
u64 rmp_result_rflags(const struct rmp_result *result);
#define RMP_RESULT_RFLAGS (RFLAGS_OF | RFLAGS_SF | RFLAGS_ZF | RFLAGS_AF | RFLAGS_PF | RFLAGS_CF)

/* RMPADJUST by a guest at @vmpl: @size is RCX, @attributes RDX. */
struct rmp_result rmp_adjust(struct rmp *rmp, unsigned int vmpl, u64 gpa, u64 size, u64 attributes);

/*
 * A processor starts from the VMSA at @gpa: VIOLATION_VMSA_PAGE where RMPADJUST did not make it
 * one, VIOLATION_VMSA_IN_USE where another has it. From then on every write, and every PVALIDATE
 * and RMPADJUST of the page, is that too, until the processor is done with it.
 */
enum violation rmp_vmsa_begin(struct rmp *rmp, u64 gpa);
void rmp_vmsa_end(struct rmp *rmp, u64 gpa);

/*
 * Page-state changes as KVM makes them, of one 4K or (@large) one aligned 2M page. To private:
 * assigned, not validated, poisoned, one 2M entry if large; pages that are private already keep
 * their state. To shared: poisoned for the host's alias; a page still validated is a violation,
 * reported in @result with nothing changed. -E_INVAL: alignment; -E_RANGE: outside of the table;
 * -E_PERM: immutable.
 */
must_check int rmp_make_private(struct rmp *rmp, u64 gpa, bool large);
must_check int rmp_make_shared(struct rmp *rmp, u64 gpa, bool large, struct rmp_result *result);

/*
 * RMPUPDATE behind the guest's back, of one page: it is the host's, or (@assigned) the guest's and
 * not validated, with other contents. A 2M entry is split. False: not for a host to do, or no page
 * of the guest's.
 */
bool rmp_update(struct rmp *rmp, u64 gpa, bool assigned);

/* Splits the 2M entry that @gpa is in; joins 512 equal entries. -E_INVAL where there is none. */
must_check int rmp_smash(struct rmp *rmp, u64 gpa);
must_check int rmp_unsmash(struct rmp *rmp, u64 gpa);

/*
 * Judges an access at @vmpl; @shared: through a mapping with the C-bit clear. With paging off or
 * without PAE every access is private. ACCESS_EXECUTE and ACCESS_WALK ignore @shared: APM2 15.34.5.
 */
enum violation rmp_access(const struct rmp *rmp, unsigned int vmpl, u64 gpa, bool shared,
			  enum access_kind kind);

/*
 * The pages around the one at @gpa, in its 2M, that a nested mapping which is right for it is right
 * for too: where they begin, and their @size.
 */
u64 rmp_alike(const struct rmp *rmp, u64 gpa, u64 *size);

/* The caller has poisoned [gpa, gpa + size); pages outside of the table are left out. */
void rmp_poisoned(struct rmp *rmp, u64 gpa, u64 size);
