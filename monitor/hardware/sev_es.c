/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SEV-ES guest: SEV's memory, and #VC and VMGEXIT without what SNP adds to the protocol.
 * Spec: APM2 15.35, GHCB.
 */
#include "abi/sev.h"
#include "monitor/hardware/es.h"
#include "monitor/hardware/sev_memory.h"

static void sev_es_init(u64 page_count)
{
	sev_memory_init(page_count, CPUID_SEV_EAX_SEV | CPUID_SEV_EAX_SEV_ES);
}

static void sev_es_launch(struct vcpu *v)
{
	v->protocol.rmp = NULL;
	v->protocol.pages = &guest.sev;
	v->protocol.features = 0;
}

static void sev_es_msr(struct vcpu *v, const struct msr_access *access)
{
	es_msr(v, access, SEV_STATUS_SEV | SEV_STATUS_SEV_ES);
}

const struct guest_kind kind_sev_es = {
	.name = "sev-es",
	.description = "SEV-ES emulated, C-bit",
	.alias_is_shared = false,
	.has_ports = false,
	.has_cc_blob = false,
	.has_nmi_complete = true,
	.is_state_open = false,
	.is_cipher = true,
	.is_zeroed = false,
	.is_encrypted = true,
	.startup = STARTUP_BY_HOLD,
	.alias_bit = sev_alias_bit,
	.init = sev_es_init,
	.intercept = es_intercept,
	.launch = sev_es_launch,
	.assign = sev_assign,
	.fill_section = sev_fill_section,
	.access = sev_access,
	.is_shared = sev_is_shared,
	.host_access = sev_host_access,
	.alike = sev_alike,
	.is_poison = sev_is_poison,
	.poisoned = sev_poisoned,
	.map_gpa = sev_map_gpa,
	.device = es_device,
	.msr = sev_es_msr,
	.write_cr = sev_write_cr,
	.vmmcall = es_vmmcall,
	.undefined = sev_undefined,
	.host_exit = es_host_exit,
};
