/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See file.h.
 */
#include "monitor/machine/file.h"

#include "lib/string.h"
#include "monitor/machine/memory.h"

static void read_fw_cfg(const void *from, u64 offset, void *to, u64 size)
{
	fw_cfg_read(from, (u32)offset, to, (u32)size);
}

static const struct machine_module *find_module(const struct machine *machine, const char *name)
{
	for (unsigned int i = 0; i < machine->module_count; i++)
		if (!strcmp(machine->modules[i].name, name))
			return &machine->modules[i];
	return NULL;
}

/* A copy of @size bytes and a zero; NULL: no room. */
static u8 *room_for(u64 size) { return memory_has(size + 1) ? memory_alloc_dirty(size + 1) : NULL; }

int file_find(const struct machine *machine, const char *file_name, const char *module_name,
	      struct file *file)
{
	const struct machine_module *module = find_module(machine, module_name);
	void *copy;

	if (fw_cfg_find(file_name, &file->fw_cfg)) {
		file->source = (struct source){ file->fw_cfg.size, &file->fw_cfg, read_fw_cfg };
		return 0;
	}
	if (!module)
		return -E_NOENT;
	file->source.size = module->size;
	copy = room_for(module->size);
	if (!copy)
		return -E_NOSPC;
	memcpy(copy, (const void *)module->start, module->size);
	file->source = source_of_bytes(copy, module->size);
	return 0;
}

void *file_load(const struct file *file)
{
	u8 *to = room_for(file->source.size);

	if (!to)
		return NULL;
	source_read(&file->source, 0, to, file->source.size);
	to[file->source.size] = 0;
	return to;
}
