/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two alternatives passes over the sites that pv_ops.h records.
 */
#pragma once

#include "alternatives/alt.h"

/* Hypercall sites, by direct stores: text is still writable. Needs pv_init. */
void pv_patch_early(void);

/* Hook calls, through @write (mm's temporary writable alias). The table is final. */
void pv_patch(alt_write_t write);

/* What both passes did; for the boot lines and demo. */
extern struct alt_counts pv_patch_early_counts;
extern struct alt_counts pv_patch_counts;
