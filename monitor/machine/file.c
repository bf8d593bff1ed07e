/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See file.h.
 */
#include "monitor/machine/file.h"

#include "lib/string.h"
#include "monitor/machine/fw_cfg.h"
#include "monitor/machine/memory.h"

const void *file_take(const struct machine *machine, const char *file_name, const char *module_name,
		      u64 *size)
{
	struct fw_cfg_file file;
	void *to;

	if (fw_cfg_find(file_name, &file)) {
		*size = file.size;
		to = memory_alloc(file.size);
		fw_cfg_read(&file, to);
		return to;
	}
	for (unsigned int i = 0; i < machine->module_count; i++) {
		const struct machine_module *m = &machine->modules[i];

		if (strcmp(m->name, module_name))
			continue;
		*size = m->size;
		to = memory_alloc(m->size);
		memcpy(to, (const void *)m->start, m->size);
		return to;
	}
	return NULL;
}
