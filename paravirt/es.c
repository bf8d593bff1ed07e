/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See es.h.
 */
#include "paravirt/es.h"

#include "early/ghcb_msr.h"
#include "early/platform.h"
#include "paravirt/ghcb.h"

/* The first thing that is asked of the hypervisor: GHCB 2.3.1. */
void es_check_protocol(void)
{
	struct ghcb_msr_sev_info info = ghcb_msr_sev_info();

	if (info.version_min > GHCB_PROTOCOL_MAX || info.version_max < GHCB_PROTOCOL_MAX)
		ghcb_msr_terminate(GHCB_TERM_SET_GENERAL, GHCB_TERM_PROTOCOL_RANGE);
	if (info.cbit >= 64 || BIT(info.cbit) != platform.private_mask)
		ghcb_terminate(GHCB_TERM_CBIT);
}

void es_nmi_complete(void)
{
	struct host_exception exception;

	if (ghcb_simple(SVM_VMGEXIT_NMI_COMPLETE, &exception))
		host_refused("NMI complete", 0);
}
