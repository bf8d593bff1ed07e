/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which table belongs to which platform: the only place that asks what kind it is.
 */
#include "early/platform.h"
#include "lib/string.h"
#include "paravirt/pv_ops.h"

static const struct pv_ops *const tables[PLATFORM_COUNT] = {
	[PLATFORM_PLAIN] = &pv_ops_plain,
	[PLATFORM_KVM] = &pv_ops_kvm_amd,
	[PLATFORM_KVM_PROTECTED] = &pv_ops_kvm_protected_amd,
	[PLATFORM_SEV] = &pv_ops_sev,
	[PLATFORM_SEV_ES] = &pv_ops_sev_es,
	[PLATFORM_SEV_SNP] = &pv_ops_snp,
	[PLATFORM_TDX] = &pv_ops_tdx,
};

static bool vendor_has_vmmcall(void)
{
	return !strcmp(platform.vendor, "AuthenticAMD") || !strcmp(platform.vendor, "HygonGenuine");
}

const struct pv_ops *pv_platform_table(void)
{
	const struct pv_ops *ops = tables[platform.kind];

	/* The same host on a processor whose vendor's instruction is the other one. */
	if (ops == &pv_ops_kvm_amd && !vendor_has_vmmcall())
		return &pv_ops_kvm_intel;
	if (ops == &pv_ops_kvm_protected_amd && !vendor_has_vmmcall())
		return &pv_ops_kvm_protected_intel;
	return ops;
}
