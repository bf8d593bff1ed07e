/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See pv_publish.h. Everything is taken back by the hooks of the table that did it, so the plainer
 * table comes last.
 */
#include "paravirt/pv_publish.h"

#include "abi/ghcb.h"
#include "early/platform.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "paravirt/pv_ops.h"
#include "paravirt/pv_pages.h"

static void fall_back(const struct cpus_services *services)
{
	const struct pv_ops *plainer = pv_ops.plainer;

	if (!plainer) {
		log_error("platform %s: no plainer one keeps what it protects", pv_ops.name);
		pv_terminate(GHCB_TERM_CPU_SETUP);
	}
	pv_pages_take_back(PV_PAGES_ALL, services);
	log_info("platform %s: rolled back; this guest goes on as %s", pv_ops.name, plainer->name);
	pv_ops = *plainer;
	platform_become_plain();
}

void pv_publish(const struct cpus_services *services)
{
	u32 refused = pv_pages_refused();

	if (services->failed)
		log_error("platform %s: the set-up of processor %u failed", pv_ops.name,
			  services->failed);
	if (services->failed || (pv_ops.plainer && refused & PV_PAGES_OF_PLATFORM))
		fall_back(services);
	else if (refused)
		pv_pages_take_back(refused, services);
}
