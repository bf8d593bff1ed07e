/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first thing that a guest with encrypted state asks of its hypervisor. Spec: GHCB 2.3.1.
 */
#include "early/ghcb_msr.h"
#include "early/platform.h"
#include "paravirt/es.h"

void es_check_protocol(void)
{
	struct ghcb_msr_sev_info info = ghcb_msr_sev_info();

	if (info.version_min > GHCB_PROTOCOL_MAX || info.version_max < GHCB_PROTOCOL_MAX)
		ghcb_msr_terminate(GHCB_TERM_SET_GENERAL, GHCB_TERM_PROTOCOL_RANGE);
	if (info.cbit >= 64 || BIT(info.cbit) != platform.private_mask)
		ghcb_msr_terminate(GHCB_TERM_SET_POSTERN, GHCB_TERM_CBIT);
}
