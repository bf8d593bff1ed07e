/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See apic_id_list.h.
 */
#include "monitor/host/apic_id_list.h"

#include "abi/ghcb.h"
#include "lib/compiler.h"
#include "monitor/svm/pages.h"

int apic_id_list(u64 gpa, u64 *pages)
{
	u64 size = sizeof(struct ghcb_apic_id_list) + guest.cpu_count * sizeof(u32);
	u64 needed = align_up(size, PAGE_SIZE) >> PAGE_SHIFT;
	struct ghcb_apic_id_list *list;

	if (*pages < needed) {
		*pages = needed;
		return 0;
	}
	list = is_aligned(gpa, PAGE_SIZE) ? page_of_host(gpa, size) : NULL;
	if (!list)
		return -E_INVAL;
	list->count = guest.cpu_count;
	for (unsigned int i = 0; i < guest.cpu_count; i++)
		list->apic_ids[i] = guest.cpus[i].apic_id;
	return 0;
}
