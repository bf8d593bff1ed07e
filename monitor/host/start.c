/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See start.h.
 */
#include "monitor/host/start.h"

#include "abi/elf.h"
#include "monitor/host/guest_fw_cfg.h"
#include "monitor/host/port_guard.h"
#include "monitor/host/processor.h"
#include "monitor/host/start_elf.h"
#include "monitor/host/start_linux.h"
#include "monitor/host/start_memory.h"
#include "monitor/host/start_rom.h"
#include "monitor/machine/chipset.h"
#include "monitor/svm/hardware_ops.h"

static int start_firmware(struct vcpu *v, const struct payload *p)
{
	static struct firmware firmware;
	const char *why = "";

	if (firmware_parse(p->firmware, p->firmware_size, &firmware, &why))
		return start_refuse(why);
	if (start_assign_memory(LAUNCH_UNACCEPTED) || start_measure(guest.rom_gpa, guest.rom_size))
		return start_refuse("its memory map does not fit");
	chipset_reset();
	return rom_launch(v, &firmware);
}

static bool is_elf(const struct source *file)
{
	u32 magic = 0;

	if (source_has(file, 0, sizeof(magic)))
		source_read(file, 0, &magic, sizeof(magic));
	return magic == ELF_MAGIC;
}

int start_load(struct vcpu *v, const struct payload *p)
{
	int error = p->firmware                ? start_firmware(v, p)
		    : is_elf(&p->image.source) ? start_elf(v, p)
					       : start_linux(v, p);

	if (error)
		return error;
	guest_fw_cfg_init(p->cmdline);
	port_guard_find_pm();
	for (unsigned int i = 0; !p->firmware && i < guest.cpu_count; i++)
		startup_park(&guest.cpus[i].startup); /* a guest without firmware is behind one */
	processor_load(v);
	return 0;
}
