/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types of VM: one const table each, in that type's file, every operation written out.
 */
#pragma once

#include "host/hypercall.h"
#include "host/machine.h"

struct vm_type {
	const char *name;
	const char *plainer; /* with --fallback the next to try; NULL: none */
	u64 number;          /* KVM_CREATE_VM's */
	bool has_private;    /* memory: MSR_KVM_MIGRATION_CONTROL starts at 0 */
	bool is_sev;         /* the guest has a C-bit, and SEV_STATUS */
	bool by_attribute;   /* it, and not the guest, says which side an access means */
#define VM_OPERATION(type, name, args) type(*name) args;
#include "host/vm_type.def"
#undef VM_OPERATION
};

extern const struct vm_type vm_type_default;
extern const struct vm_type vm_type_protected;
extern const struct vm_type vm_type_sev;
extern const struct vm_type vm_type_sev_es;
extern const struct vm_type vm_type_snp;
extern const struct vm_type vm_type_tdx;

/* NULL and the reason when there is none of this name, or one whose table lacks an operation. */
const struct vm_type *vm_type_find(const char *name, struct why *why);
/* 0, or -E_INVAL and the operation's name. */
must_check int vm_type_check(const struct vm_type *type, struct why *why);

/* Defaults, and what types have in common. */
int vm_nothing(struct machine *machine, struct why *why);
int vcpu_nothing(struct machine *machine, struct vcpu *vcpu, struct why *why);
int vm_start_by_pvh(struct machine *machine, struct vcpu *vcpu, struct why *why);
/* The same, and the others' first state, which is what they have at their first SIPI. */
int vm_start_all(struct machine *machine, struct vcpu *vcpu, struct why *why);
