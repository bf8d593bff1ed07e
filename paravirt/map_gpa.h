/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling the host of conversions by MAP_GPA_RANGE: guests with a C-bit and no page states, and KVM
 * guests that have private memory without any bit.
 * Spec: KVM-HC (MAP_GPA_RANGE), KVM-MSR (MIGRATION_CONTROL).
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
