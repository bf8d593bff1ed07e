/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See rmp_check.h. The table judges one access; here its answers become a mapping, which is for all
 * kinds of access, or a fault.
 */
#include "monitor/hardware/nested/rmp_check.h"

#include "lib/compiler.h"
#include "monitor/hardware/l1/rmp.h"
#include "monitor/svm/npf.h"

/* EXITINFO1 of such a fault: the page is there. */
static u64 bits_of(enum rmp_fault fault)
{
	switch (fault) {
	case RMP_FAULT_SIZE: return NPF_P | NPF_RMP | NPF_SIZEM;
	case RMP_FAULT_PERMISSION: return NPF_P | NPF_RMP | NPF_VMPL;
	default: return NPF_P | NPF_RMP;
	}
}

static bool refuse(struct nested_fault *f, enum rmp_fault fault)
{
	if (fault == RMP_FAULT_NOT_VALIDATED)
		f->kind = NESTED_FAULT_VC;
	f->info |= bits_of(fault);
	return false;
}

bool rmp_check(struct nested *n, const struct l1_npt_leaf *leaf, struct nested_fault *f,
	       struct rmp_allowed *allowed)
{
	const struct rmp_table *table = l1_rmp();
	struct rmp_access a = {
		.asid = n->mode == NESTED_SNP ? n->asid : 0,
		.vmpl = n->vmpl,
		.gpa = align_down(f->gpa, (u64)PAGE_SIZE),
		.shared = !(f->info & NPF_ENC),
		.large = leaf->size >= PAGE_2M_SIZE,
		.kind = npf_kind(f->info),
	};
	enum rmp_fault fault;

	*allowed = (struct rmp_allowed){ true, true, n->mode == NESTED_PLAIN };
	if (!table)
		return true;
	fault = rmp_table_check(table, leaf->pa, &a);
	if (fault)
		return refuse(f, fault);
	a.kind = ACCESS_WRITE;
	allowed->write = !rmp_table_check(table, leaf->pa, &a);
	a.kind = ACCESS_EXECUTE;
	allowed->execute =
		(n->mode < NESTED_SNP || !a.shared) && !rmp_table_check(table, leaf->pa, &a);
	allowed->large &= rmp_table_free_2m(table, leaf->pa);
	return true;
}

enum rmp_fault nested_rmp_fault(struct nested *n, u64 gpa, enum rmp_fault fault)
{
	struct nested_fault f = { NESTED_FAULT_NPF, gpa, NPF_FINAL | NPF_U | NPF_W | NPF_ENC };

	if (fault) {
		(void)refuse(&f, fault);
		n->fault = f;
	}
	return fault;
}
