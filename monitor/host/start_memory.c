/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See start_memory.h.
 */
#include "monitor/host/start_memory.h"

#include "lib/compiler.h"
#include "lib/log.h"
#include "model/linux_image.h"

int start_refuse(const char *why)
{
	log_error("cannot start the guest: %s", why);
	return -E_INVAL;
}

int start_measure(u64 gpa, u64 size)
{
	u64 start = align_down(gpa, (u64)PAGE_SIZE);

	return guest.hardware->assign(start, align_up(gpa + size, (u64)PAGE_SIZE) - start,
				      LAUNCH_MEASURED);
}

int start_put(const struct source *file, u64 offset, u64 gpa, u64 size)
{
	if (!size)
		return 0;
	source_read(file, offset, (void *)gpa, size);
	return start_measure(gpa, size);
}

static int assign(u64 start, u64 end, enum launch_memory memory)
{
	return start < end ? guest.hardware->assign(start, end - start, memory) : 0;
}

void start_tell_left_out(const char *cmdline, u32 max)
{
	if (!linux_cmdline_has_room(cmdline, max))
		log_info("panic=-1 is left out: the command line has no room for it");
}

/*
 * Firmware's tables stay readable, and so does what firmware keeps in a page that is otherwise
 * RAM.
 */
int start_assign_memory(enum launch_memory ram)
{
	int error = 0;

	for (unsigned int i = 0; i < guest.map.count && !error; i++) {
		const struct hvm_memmap_entry *e = &guest.map.entries[i];
		u64 end = e->addr + e->size;

		if (e->type != HVM_MEMMAP_RAM && e->type != HVM_MEMMAP_ACPI &&
		    e->type != HVM_MEMMAP_NVS)
			continue;
		error = assign(align_down(e->addr, (u64)PAGE_SIZE), align_up(end, (u64)PAGE_SIZE),
			       LAUNCH_MEASURED);
		if (!error && e->type == HVM_MEMMAP_RAM)
			error = assign(align_up(e->addr, (u64)PAGE_SIZE),
				       align_down(end, (u64)PAGE_SIZE), ram);
	}
	return error;
}
