/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See kind.h.
 */
#include "monitor/kind.h"

#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/hardware/hardware.h"
#include "monitor/host/host.h"

static const struct kind kinds[] = {
	{ "plain", "plain guest", &hardware_amd, &host_plain },
	{ "kvm", "KVM guest on AMD", &hardware_amd, &host_kvm },
	{ "kvm-intel", "KVM guest on Intel", &hardware_intel, &host_kvm },
	{ "sev", "SEV emulated, C-bit", &hardware_sev, &host_kvm },
	{ "sev-es", "SEV-ES emulated, C-bit", &hardware_sev_es, &host_kvm },
	{ "snp", "SEV-SNP emulated, C-bit", &hardware_snp, &host_kvm },
	{ "snp-host", "SNP host", &hardware_snp_host, &host_plain },
	{ "tdx", "TDX emulated, SHARED bit", &hardware_tdx, &host_kvm },
};

const struct kind *kind_find(const char *name)
{
	for (unsigned int i = 0; i < array_count(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}
