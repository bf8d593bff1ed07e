/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See load.h.
 */
#include "host/load.h"

#include <string.h>

#include "host/acpi.h"
#include "host/layout.h"
#include "model/pvh_info.h"

#define LARGE_PAGE  0x200000
#define SMALL_IMAGE (LARGE_PAGE / 4)

/*
 * A small image's memory is no large page, which the kernel would clear whole, or twice, before the
 * guest's first instruction. A larger one's is worth it: KVM maps it by one fault.
 */
static void by_the_page(const struct memory *memory, const struct elf_plan *plan)
{
	u64 low = align_down(plan->low, (u64)LARGE_PAGE),
	    high = align_up(plan->high, (u64)LARGE_PAGE);
	void *at = memory_shared(memory, low, high - low);

	if (at && plan->high - plan->low < SMALL_IMAGE)
		memory->sys->by_the_page(memory->sys, at, high - low);
}

/* The memory is the system's, and zero; the plan lies in the memory map. */
static int put_image(const struct memory *memory, const struct load *load,
		     const struct elf_plan *plan, struct why *why)
{
	for (unsigned int i = 0; i < plan->segment_count; i++) {
		const struct elf_segment *s = &plan->segments[i];
		void *to = memory_shared(memory, s->gpa, s->memory_size);

		if (!to)
			return why_set(why, -E_INVAL,
				       "a segment does not lie in one piece of memory");
		memcpy(to, (const u8 *)load->image + s->file_offset, s->file_size);
	}
	return 0;
}

static int put_start_info(const struct memory *memory, const struct load *load,
			  const struct memmap *map, struct why *why)
{
	const struct pvh_info info = { .cmdline = load->cmdline, .rsdp = LAYOUT_ACPI, .map = map };
	void *start = memory_shared(memory, LAYOUT_START_INFO, LAYOUT_START_INFO_SIZE);
	void *acpi = memory_shared(memory, LAYOUT_ACPI, LAYOUT_ACPI_SIZE);

	if (!start || !acpi)
		return why_set(why, -E_INVAL, "there is no low memory");
	if (pvh_info_build(&info, start, LAYOUT_START_INFO_SIZE, LAYOUT_START_INFO) < 0)
		return why_set(why, -E_NOSPC, "the start info does not fit");
	if (acpi_build(load->processors, acpi, LAYOUT_ACPI_SIZE, LAYOUT_ACPI))
		return why_set(why, -E_NOSPC, "the ACPI tables do not fit");
	return 0;
}

int load_guest(const struct memory *memory, const struct load *load, struct elf_plan *plan,
	       struct why *why)
{
	struct source file = source_of_bytes(load->image, load->image_size);
	struct memmap map;
	const char *fault;
	int error;

	if (layout_memmap(load->memory, &map))
		return why_set(why, -E_INVAL, "there is no memory map of so much memory");
	if (elf_plan(&file, &map, plan, &fault))
		return why_set(why, -E_INVAL, "the image cannot be booted: %s", fault);
	if (plan->is_multiboot)
		return why_set(why, -E_INVAL, "the image cannot be booted: it has no PVH entry");
	if (plan->low < LAYOUT_IMAGE_MIN)
		return why_set(why, -E_INVAL,
			       "the image lies below 1 MiB, where the start info has to");
	by_the_page(memory, plan);
	error = put_image(memory, load, plan, why);
	return error ? error : put_start_info(memory, load, &map, why);
}
