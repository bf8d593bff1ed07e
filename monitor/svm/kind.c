/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See kind.h.
 */
#include "monitor/svm/kind.h"

#include "lib/compiler.h"
#include "lib/string.h"

static const struct guest_kind *const kinds[] = {
	&kind_plain,  &kind_kvm_amd, &kind_kvm_intel, &kind_sev,
	&kind_sev_es, &kind_snp,     &kind_snp_host,  &kind_tdx,
};

const struct guest_kind *kind_find(const char *name)
{
	for (unsigned int i = 0; i < array_count(kinds); i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}
