/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for paravirt/pv_select.c: calls the probe's hypercall site before anything is patched,
 * from pv_init, and then gives the platform's real table. Where the way to the host is not there
 * yet, alt-probe-late.c does it, unless the test wants to see what comes of that.
 */
#include "alt-probe.h"

const struct pv_ops *real_platform_table(void);
#define pv_platform_table real_platform_table
#include "paravirt/pv_select.c"
#undef pv_platform_table

u8 alt_probe_bytes_before[8];
s64 alt_probe_result_before;

static bool called;

void alt_probe_once(void)
{
	if (called)
		return;
	called = true;
	memcpy(alt_probe_bytes_before, (const void *)alt_probe_site(), 8);
	alt_probe_result_before = alt_probe();
}

s64 alt_probe(void) { return kvm_hypercall1(KVM_HC_SCHED_YIELD, 0); }

const struct pv_ops *pv_platform_table(void)
{
#ifndef TOO_EARLY
	if (!cc_has(CC_GHCB))
#endif
		alt_probe_once();
	return real_platform_table();
}
