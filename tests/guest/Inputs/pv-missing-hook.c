/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for paravirt/pv_select.c: the platform's table without its hypercall.
 */
#include "early/platform.h"
#include "paravirt/pv_ops.h"

const struct pv_ops *pv_platform_table(void)
{
	static struct pv_ops table;

	table = platform.kind == PLATFORM_SEV_SNP ? pv_ops_snp : pv_ops_plain;
	table.hypercall = NULL;
	return &table;
}
