/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second step of publishing pv_ops: which table is in force for good.
 */
#pragma once

#include "paravirt/cpus.h"

/*
 * When every processor ran its set-up, and before hook calls become direct calls. Where all of them
 * succeeded, the table that pv_init published stays. Where the host refused a page of some
 * processor, that page is taken back on every one. Where a processor's set-up itself failed, all
 * pages are, and the platform's plainer table takes over; a platform without one has something to
 * protect, and ends by protocol.
 */
void pv_publish(const struct cpus_services *services);
