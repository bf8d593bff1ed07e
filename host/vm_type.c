/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See vm_type.h.
 */
#include "host/vm_type.h"

#include <string.h>

static const struct vm_type *const types[] = {
	&vm_type_default, &vm_type_protected, &vm_type_sev,
	&vm_type_sev_es,  &vm_type_snp,       &vm_type_tdx,
};

int vm_type_check(const struct vm_type *type, struct why *why)
{
#define VM_OPERATION(return_type, op, args)                                                        \
	if (!type->op)                                                                             \
		return why_set(why, -E_INVAL, "VM type %s has no operation " #op, type->name);
#include "host/vm_type.def"
#undef VM_OPERATION
	return 0;
}

const struct vm_type *vm_type_find(const char *name, struct why *why)
{
	for (size_t i = 0; i < array_count(types); i++)
		if (!strcmp(types[i]->name, name))
			return vm_type_check(types[i], why) ? NULL : types[i];
	why_set(why, -E_INVAL, "--vm-type %s: there is no such type", name);
	return NULL;
}

int vm_nothing(struct machine *machine __unused, struct why *why __unused) { return 0; }

int vcpu_nothing(struct machine *machine __unused, struct vcpu *vcpu __unused,
		 struct why *why __unused)
{
	return 0;
}
