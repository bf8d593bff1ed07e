/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A visibility change of SEV and SEV-ES: the C-bit, the caches, and a word to the host.
 * Spec: APM2 15.34.9 (cache coherency), KVM-HC (MAP_GPA_RANGE), KVM-MSR (MIGRATION_CONTROL).
 */
#pragma once

#include "lib/addr.h"
#include "lib/errno.h"

/*
 * Once, when hypercalls and the hook cpuid work: finds out whether caches need a flush and whether
 * the host wants to be told; tells it of what has been shared so far, and that it may migrate us.
 */
void sev_pages_init(void);

/* Hooks. */
int sev_page_enc_status_prepare(va_t start, u64 page_count, bool private);
int sev_notify_page_enc_status_changed(va_t start, u64 page_count, bool private);
