/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A visibility change of SEV and SEV-ES: the caches. The C-bit is the caller's, and
 * paravirt/map_gpa.h tells the host.
 * Spec: APM2 15.34.9 (cache coherency).
 */
#pragma once

#include "lib/addr.h"
#include "lib/errno.h"

/* Once, when hypercalls and the hook cpuid work: whether caches need a flush; map_gpa_init(). */
void sev_pages_init(void);

/* Hook. */
int sev_page_enc_status_prepare(va_t start, u64 page_count, bool private);
