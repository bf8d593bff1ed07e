/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See sev_pages.h.
 */
#include "paravirt/sev_pages.h"

#include "abi/sev.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "paravirt/map_gpa.h"
#include "paravirt/pv_ops.h"

#define LINE_SIZE 64 /* of every processor with SEV */

static bool is_coherent __ro_after_init; /* CPUID_SEV_EAX_COHERENT */

void sev_pages_init(void)
{
	is_coherent = pv_cpuid(CPUID_SEV, 0).eax & CPUID_SEV_EAX_COHERENT;
	map_gpa_init();
}

/* Lines of the old mapping, written back later, would overwrite what the new one writes. */
int sev_page_enc_status_prepare(va_t start, u64 page_count, bool private)
{
	(void)private;
	if (is_coherent)
		return 0;
	for (u64 p = start.value; p < start.value + page_count * PAGE_SIZE; p += LINE_SIZE)
		clflush((const void *)(uintptr_t)p);
	mfence();
	return 0;
}
