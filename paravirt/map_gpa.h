/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conversions where pages have no states: the host is told by MAP_GPA_RANGE, by guests with a C-bit
 * and by KVM guests that have private memory without any bit; the former's caches are flushed. The
 * C-bit is the caller's.
 * Spec: KVM-HC (MAP_GPA_RANGE), KVM-MSR (MIGRATION_CONTROL), APM2 15.34.9 (cache coherency).
 */
#pragma once

#include "lib/addr.h"
#include "lib/errno.h"

/*
 * Once, when hypercalls work: finds out whether the host wants to be told; tells it of what has
 * been shared so far, and that it will be told of everything.
 */
void map_gpa_init(void);

/* Hook. */
int map_gpa_notify_page_enc_status_changed(va_t start, u64 page_count, bool private);

/* Whether the caches of both mappings are coherent, by CPUID_SEV's EAX: else lines are flushed. */
void sev_set_coherent(u32 sev_eax);
/* The same of SEV and SEV-ES, when the hook cpuid works too: and sev_set_coherent(). */
void sev_pages_init(void);

extern bool sev_is_coherent;
/* Hook; the first step of SNP's, where the caches are not coherent. */
int sev_page_enc_status_prepare(va_t start, u64 page_count, bool private);
