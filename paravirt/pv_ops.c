/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The live table: early defaults until pv_init publishes the platform's, and pv_publish says
 * whether it stays.
 */
#include "paravirt/pv_ops.h"

#include "abi/ghcb.h"
#include "early/fatal.h"
#include "early/ghcb_msr.h"
#include "early/platform.h"
#include "early/tdx.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "paravirt/cpus.h"
#include "paravirt/native.h"
#include "paravirt/pv_pages.h"

void pv_nop(void) {}

int pv_return_zero(void) { return 0; }

struct pv_ops pv_ops __ro_after_init = {
	.name = "early",
	.early_setup = pv_nop,
	.hypercall = hypercall_early,
	PV_NO_PAGE_STATE,
	PV_NATIVE_PORTS_EACH, /* it may be an SEV guest */
	PV_NATIVE_INSTRUCTIONS,
	PV_NATIVE_PROCESSORS,
	.host = NULL,
	.plainer = NULL,
};

#define REQUIRED true
#define OPTIONAL false
#define PV_HOOK(kind, call, type, hook, args, a, b, c)                                             \
	{ #hook, offsetof(struct pv_ops, hook), kind },
static const struct {
	const char *name;
	size_t offset;
	bool required;
} hooks[] = {
#include "paravirt/pv_ops.def"
};
#undef PV_HOOK

const char *pv_ops_missing(const struct pv_ops *ops, bool *required)
{
	for (size_t i = 0; i < array_count(hooks); i++) {
		u64 hook;

		memcpy(&hook, (const u8 *)ops + hooks[i].offset, sizeof(hook));
		if (hook)
			continue;
		*required = hooks[i].required;
		return hooks[i].name;
	}
	return NULL;
}

void (*hypercall_select(void))(void)
{
	const struct pv_ops *ops;

	if (!platform.name)
		platform_detect();
	ops = pv_platform_table();
	return ops && ops->hypercall ? ops->hypercall : hypercall_none;
}

static void missing(void) { panic("pv_ops: a missing hook was called"); }

/* Nothing is called through a hole, and what is there serves to say which one it is. */
static noreturn_t stop_incomplete(const char *hook, bool required)
{
	void (*const filling)(void) = missing;
	bool has_setup = pv_ops.early_setup;

	for (size_t i = 0; i < array_count(hooks); i++) {
		u8 *slot = (u8 *)&pv_ops + hooks[i].offset;
		u64 now;

		memcpy(&now, slot, sizeof(now));
		if (!now)
			memcpy(slot, &filling, sizeof(filling));
	}
	if (has_setup)
		pv_early_setup();
	panic("pv_ops: platform %s: %s hook '%s' is missing", pv_ops.name,
	      required ? "required" : "optional", hook);
}

void pv_init(void)
{
	const struct pv_ops *ops = pv_platform_table();
	bool required;
	const char *hook;

	CHECK(ops);
	pv_ops = *ops;
	hook = pv_ops_missing(ops, &required);
	if (hook)
		stop_incomplete(hook, required);
}

/* Everything is taken back by the hooks of the table that did it: the plainer one comes last. */
static void fall_back(const struct cpus_services *services)
{
	const struct pv_ops *plainer = pv_ops.plainer;

	if (!plainer) {
		fatal(TERM_CPU_SETUP, "platform %s: no plainer one keeps what it protects",
		      pv_ops.name);
	}
	pv_pages_take_back(PV_PAGES_ALL, services);
	log_info("platform %s: rolled back; this guest goes on as %s", pv_ops.name, plainer->name);
	pv_ops = *plainer;
	platform_become_plain();
}

void pv_publish(const struct cpus_outcome *started, const struct cpus_services *services)
{
	u32 refused = pv_pages_refused();
	bool failed = started->failed || (pv_ops.plainer && refused & PV_PAGES_OF_PLATFORM);

	if (started->failed)
		log_error("platform %s: the set-up of processor %u failed", pv_ops.name,
			  started->failed);
	if (started->adrift && (failed || cc_has(CC_PRIVATE_MEMORY)))
		fatal(TERM_CPU_SETUP, "processor %u is missing, and may run on at any time",
		      started->adrift);
	if (failed)
		fall_back(services);
	else if (refused)
		pv_pages_take_back(refused, services);
}
