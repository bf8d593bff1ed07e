/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See launch.h.
 */
#include "host/launch.h"

#include <stdio.h>
#include <string.h>

#include "host/kvm_uapi.h"
#include "host/layout.h"
#include "host/vm_type.h"

struct list {
	struct launch_range *ranges;
	unsigned int count;
};

static void add(struct list *list, u64 start, u64 end, enum launch_kind kind)
{
	if (start < end)
		list->ranges[list->count++] = (struct launch_range){ start, end - start, kind };
}

/* The first section at or behind @at that is special; NULL when there is none. */
static const struct launch_section *next_section(const struct elf_plan *image, u64 at)
{
	const struct launch_section *first = NULL;

	for (unsigned int i = 0; i < image->section_count; i++) {
		const struct launch_section *s = &image->sections[i];

		if (s->type != SEV_SECTION_SEC_MEM && s->gpa >= at &&
		    (!first || s->gpa < first->gpa))
			first = s;
	}
	return first;
}

unsigned int launch_ranges(const struct elf_plan *image,
			   struct launch_range ranges[LAUNCH_RANGES_MAX])
{
	struct list list = { ranges, 0 };
	u64 at = align_down(image->low, (u64)PAGE_SIZE);
	const struct launch_section *s;

	add(&list, LAYOUT_START_INFO, LAYOUT_START_INFO + LAYOUT_START_INFO_SIZE, LAUNCH_DATA);
	add(&list, LAYOUT_ACPI, LAYOUT_ACPI + LAYOUT_ACPI_SIZE, LAUNCH_DATA);
	while ((s = next_section(image, at))) {
		add(&list, at, s->gpa, LAUNCH_DATA);
		at = (u64)s->gpa + s->size;
		add(&list, s->gpa, at,
		    s->type == SEV_SECTION_CPUID ? LAUNCH_CPUID : LAUNCH_SECRETS);
	}
	add(&list, at, align_up(image->high, (u64)PAGE_SIZE), LAUNCH_DATA);
	return list.count;
}

int launch_check(struct machine *m, const char *const *hints, struct why *why)
{
	int types = machine_extension(m, KVM_CAP_VM_TYPES);
	char told[128] = "", line[32];
	size_t used = 0;

	if ((u64)types & BIT(m->type->number))
		return 0;
	for (; *hints; hints += 2) {
		m->sys->read_line(m->sys, hints[1], line, sizeof(line));
		used += (size_t)snprintf(told + used, sizeof(told) - used, "; %s: %s", hints[0],
					 *line ? line : "not there");
		if (used >= sizeof(told))
			break;
	}
	return why_set(why, -E_NOSYS, "VM type %s: KVM_CAP_VM_TYPES is %#x%s", m->type->name, types,
		       told);
}
