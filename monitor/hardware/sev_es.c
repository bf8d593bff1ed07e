/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SEV-ES guest: SEV's memory, and #VC and VMGEXIT without what SNP adds to the protocol.
 * Spec: APM2 15.35, GHCB.
 */
#include "abi/sev.h"
#include "monitor/hardware/default.h"
#include "monitor/hardware/es.h"
#include "monitor/hardware/hardware.h"
#include "monitor/hardware/sev_memory.h"

static void sev_es_init(u64 page_count)
{
	sev_memory_init(page_count, CPUID_SEV_EAX_SEV | CPUID_SEV_EAX_SEV_ES);
}

static void sev_es_msr(struct vcpu *v, const struct msr_access *access)
{
	es_msr(v, access, SEV_STATUS_SEV | SEV_STATUS_SEV_ES);
}

const struct hardware_ops hardware_sev_es = {
	.has_nmi_complete = true,
	.is_state_open = false,
	.has_tsc_deadline = true,
	.startup = STARTUP_BY_HOLD,
	.init = sev_es_init,
	.intercept = es_intercept,
	.launch = es_launch,
	.device = es_device,
	.msr = sev_es_msr,
	.vmmcall = es_vmmcall,
	.host_exit = es_host_exit,
	SEV_MEMORY,
};
