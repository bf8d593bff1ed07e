/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See start.h.
 */
#include "monitor/host/start.h"

#include "abi/elf.h"
#include "model/linux_image.h"
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
	firmware.hashes = p->hashes;
	firmware.hashes_size = p->hashes_size;
	if (start_assign_memory(LAUNCH_UNACCEPTED) || start_measure(guest.rom_gpa, guest.rom_size))
		return start_refuse("its memory map does not fit");
	chipset_reset();
	return rom_launch(v, &firmware);
}

/* A kernel that is no bzImage has no setup. */
static u32 setup_size(const struct source *kernel)
{
	static u8 head[LINUX_HEAD_SIZE];
	struct linux_image image;
	const char *why;

	if (!source_has(kernel, 0, sizeof(head)))
		return 0;
	source_read(kernel, 0, head, sizeof(head));
	return linux_image_parse(head, kernel->size, &image, &why) ? 0 : (u32)image.kernel_offset;
}

/* Of files that are the machine's, whose bytes it has for the guest, too. */
static struct fw_cfg_kernel kernel_of(const struct payload *p)
{
	if (!p->firmware || !p->image.fw_cfg.selector)
		return (struct fw_cfg_kernel){ 0 };
	return (struct fw_cfg_kernel){
		.kernel_key = p->image.fw_cfg.selector,
		.initrd_key = p->initrd.fw_cfg.selector,
		.size = (u32)p->image.source.size,
		.setup_size = setup_size(&p->image.source),
		.initrd_size = p->initrd.fw_cfg.selector ? (u32)p->initrd.source.size : 0,
	};
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
	struct fw_cfg_kernel kernel;

	if (error)
		return error;
	kernel = kernel_of(p);
	guest_fw_cfg_init(p->cmdline, &kernel);
	port_guard_init();
	for (unsigned int i = 0; !p->firmware && i < guest.cpu_count; i++)
		startup_park(&guest.cpus[i].startup); /* a guest without firmware is behind one */
	processor_load(v);
	return 0;
}
