/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boot, one step a line, with the reason for its place.
 */
#include "early/boot_cpus.h"
#include "early/boot_info.h"
#include "early/entry.h"
#include "early/platform.h"
#include "kernel/apic.h"
#include "kernel/boot_report.h"
#include "kernel/cmdline.h"
#include "kernel/console.h"
#include "kernel/host_ports.h"
#include "kernel/results.h"
#include "kernel/smp.h"
#include "kernel/timeline.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/log.h"
#include "mm/mm.h"
#include "paravirt/pv_ops.h"
#include "paravirt/pv_pages.h"

#define STEP(call)                                                                                 \
	do {                                                                                       \
		call;                                                                              \
		timeline_mark(#call);                                                              \
	} while (0)
#define STEP_GIVES(result, call)                                                                   \
	do {                                                                                       \
		(result) = (call);                                                                 \
		timeline_mark(#call);                                                              \
	} while (0)

/* Without it sites keep their default bytes, which must do as well: for good, or till patch(). */
static void patch_early(void)
{
	if (!cmdline_early_has("early-patch=off") && !cmdline_early_has("early-patch=late"))
		pv_patch_early();
}

static struct cpus_outcome started;

static void publish(void) { pv_publish(&started, smp_services()); }

/* A processor that may run on at any time may run any site: they keep their calls by the table. */
static void patch(void)
{
	if (started.adrift) {
		log_info("alternatives: calls stay indirect: processor %u is missing",
			 started.adrift);
		return;
	}
	if (cmdline_early_has("early-patch=late") && !pv_patch_early_counts.sites)
		pv_patch_hypercalls(mm_poke_text);
	pv_patch(mm_poke_text);
}

noreturn_t kernel_main(void)
{
	bool accept_all;

	timeline_mark("entry");
	STEP(boot_info_init());    /* before anything can overwrite the loader's data */
	STEP(platform_detect());   /* decides everything that follows */
	STEP(pv_init());           /* no hook may be called before its table is checked */
	STEP(patch_early());       /* hypercalls first: the next steps may need one */
	STEP(pv_early_setup());    /* the way to the host, by registers only */
	STEP(host_ports_ask());    /* the ROM's loader is the host: only now, by ports */
	STEP(boot_cpus_init());    /* while the early tables show firmware's memory */
	STEP(console_init());      /* from here on lines appear, those kept so far first */
	STEP(boot_report());       /* refuses what boot_info found wrong: only now can it say so */
	STEP(pv_pages_share());    /* before the host is told of a page, it must see it */
	STEP(pv_pages_register()); /* only then */
	STEP(traps_init());        /* stacks for what may come at any instruction */
	accept_all = boot_accept_all();   /* fails now, if the option is wrong */
	STEP(mm_init(accept_all));        /* memory; the early tables end */
	STEP(apic_init());                /* interrupts, when everything can take one */
	STEP_GIVES(started, smp_start()); /* every processor set up, before one is at work */
	STEP(publish());                  /* the table in force, by how that went */
	STEP(smp_hold());                 /* nobody runs what is going to change */
	STEP(patch());                    /* hooks become direct calls, before text is sealed */
	STEP(mm_seal());                  /* what is fixed stays fixed */
	STEP(smp_release());              /* only now may others run it */
	STEP(results_init());             /* knows the platform, and reports the steps above */
	workload_run();
}
