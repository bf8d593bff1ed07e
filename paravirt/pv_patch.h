/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The alternatives passes over the sites that pv_ops.h records. Whoever else runs text meanwhile
 * must keep off the sites: other processors stand still.
 */
#pragma once

#include "alternatives/alt.h"

/* Hypercall sites, by direct stores: text is still writable. Needs pv_init. */
void pv_patch_early(void);

/* The same through @write (mm's temporary writable alias), of sites with their default bytes. */
void pv_patch_hypercalls(alt_write_t write);

/*
 * Hook calls, through @write. The table is final: where it is not the early pass's any more, the
 * hypercall sites follow it too.
 */
void pv_patch(alt_write_t write);

/* What both passes did; for the boot lines and demo. */
extern struct alt_counts pv_patch_early_counts;
extern struct alt_counts pv_patch_counts;
