/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for paravirt/pv_select.c: see smp-adrift.h.
 */
#include "smp-adrift.h"

#include "early/percpu.h"
#include "lib/compiler.h"
#include "paravirt/pv_ops.h"

const struct pv_ops *platform_table_as_it_is(void);

#define pv_platform_table platform_table_as_it_is
#include "paravirt/pv_select.c"
#undef pv_platform_table

u32 adrift_runs_on, adrift_came;

static int (*set_up)(void);

static int hang(void)
{
	if (cpu_index() != 1)
		return set_up();
	while (!READ_ONCE(adrift_runs_on))
		cpu_relax();
	(void)pv_cpuid(0, 0); /* a site: it has its default bytes, or is this processor's end */
	WRITE_ONCE(adrift_came, cpu_index());
	return set_up();
}

const struct pv_ops *pv_platform_table(void)
{
	static struct pv_ops table;

	table = *platform_table_as_it_is();
	set_up = table.cpu_setup;
	table.cpu_setup = hang;
	return &table;
}
