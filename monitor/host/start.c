/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See start.h. What of an encrypted guest's memory is there at launch: an ELF guest's own image
 * and start info; of a Linux guest all RAM, as its firmware would have accepted it.
 */
#include "monitor/host/start.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/string.h"
#include "monitor/machine/chipset.h"
#include "model/elf_image.h"
#include "monitor/hardware/launch.h"
#include "model/linux_image.h"
#include "model/pvh_info.h"
#include "monitor/host/guest_fw_cfg.h"
#include "monitor/svm/kind.h"
#include "monitor/host/processor.h"
#include "monitor/host/start_rom.h"

#define INFO_SIZE (4 * PAGE_SIZE) /* start info, map, command lines */
#define INFO_LOW  0x10000
#define INFO_HIGH 0x80000

/* Linux not started by EFI scans the ROMs for an iBFT, as memory of its own. */
#define ROMS_START 0xc0000
#define ROMS_SIZE  0x40000

static void *at(u64 gpa) { return (void *)(uintptr_t)gpa; }

static int refuse(const char *why)
{
	log_error("cannot start the guest: %s", why);
	return -E_INVAL;
}

/* [gpa, gpa + size) is part of the launch, with the contents it has now. */
static int measure(u64 gpa, u64 size)
{
	u64 start = align_down(gpa, (u64)PAGE_SIZE);

	return guest.kind->assign(start, align_up(gpa + size, (u64)PAGE_SIZE) - start,
				  LAUNCH_MEASURED);
}

static int assign(u64 start, u64 end, enum launch_memory memory)
{
	return start < end ? guest.kind->assign(start, end - start, memory) : 0;
}

/*
 * RAM becomes the guest's; firmware's tables stay readable, and so does what firmware keeps in a
 * page that is otherwise RAM.
 */
static int assign_memory(enum launch_memory ram)
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

static int build_info(const struct payload *p, u64 *info)
{
	struct pvh_info content = {
		.cmdline = p->cmdline,
		.rsdp = p->rsdp,
		.map = &guest.map,
	};

	if (memmap_find_low(&guest.map, INFO_SIZE, PAGE_SIZE, INFO_LOW, INFO_HIGH, info))
		return -E_NOMEM;
	memset(at(*info), 0, INFO_SIZE);
	if (pvh_info_build(&content, at(*info), INFO_SIZE, *info) < 0)
		return -E_NOSPC;
	return measure(*info, INFO_SIZE);
}

static int load_elf(struct vcpu *v, const struct payload *p)
{
	static struct elf_plan plan;
	const char *why = "";
	u64 info;

	if (p->initrd)
		return refuse("an ELF guest takes no initrd");
	if (elf_plan(p->image, p->image_size, &guest.map, &plan, &why))
		return refuse(why);
	if (assign_memory(LAUNCH_UNACCEPTED))
		return refuse("its memory map does not fit");
	for (unsigned int i = 0; i < plan.segment_count; i++) {
		const struct elf_segment *s = &plan.segments[i];

		memcpy(at(s->gpa), (const u8 *)p->image + s->file_offset, s->file_size);
		memset(at(s->gpa + s->file_size), 0, s->memory_size - s->file_size);
		if (measure(s->gpa, s->memory_size))
			return refuse("a segment lies outside of memory");
	}
	for (unsigned int i = 0; i < plan.section_count; i++)
		if (guest.kind->fill_section(&plan.sections[i]))
			return refuse("its CPUID page cannot be made");
	if (build_info(p, &info))
		return refuse("no room for its start info");
	launch_vmsa_pvh(&v->vmcb->save, plan.pvh_entry, info);
	return 0;
}

static int fill_blob_pages(const struct linux_place *place)
{
	const struct launch_section secrets = { (u32)place->secrets, PAGE_SIZE,
						SEV_SECTION_SECRETS };
	const struct launch_section cpuid = { (u32)place->cpuid, PAGE_SIZE, SEV_SECTION_CPUID };
	int error = guest.kind->fill_section(&secrets);

	return error ? error : guest.kind->fill_section(&cpuid);
}

static int load_linux(struct vcpu *v, const struct payload *p)
{
	struct linux_image image;
	struct linux_place place;
	struct linux_params params = {
		.map = &guest.map,
		.cmdline = p->cmdline,
		.rsdp = p->rsdp,
		.initrd_size = p->initrd_size,
		.cc = guest.kind->has_cc_blob,
	};
	const char *why = "";

	if (linux_image_parse(p->image, p->image_size, &image, &why) ||
	    linux_image_place(&image, &guest.map, p->initrd_size, &place, &why))
		return refuse(why);
	if (assign_memory(LAUNCH_ACCEPTED))
		return refuse("its memory map does not fit");
	if (linux_block_build(p->image, &image, &place, &params, kind_private_bit(),
			      at(place.params)))
		return refuse("its boot parameters do not fit");
	memcpy(at(place.kernel), (const u8 *)p->image + image.kernel_offset, image.kernel_size);
	memcpy(at(place.initrd), p->initrd, p->initrd_size);
	if (fill_blob_pages(&place))
		return refuse("its CPUID page cannot be made");
	if (measure(ROMS_START, ROMS_SIZE) || measure(place.kernel, image.kernel_size) ||
	    (p->initrd_size && measure(place.initrd, p->initrd_size)) ||
	    measure(place.params, LINUX_BLOCK_SIZE))
		return refuse("a part of it lies outside of memory");
	launch_vmsa_linux(&v->vmcb->save, place.kernel + LINUX_ENTRY_64, place.params,
			  place.tables | kind_private_bit(), place.gdt);
	return 0;
}

static int load_firmware(struct vcpu *v, const struct payload *p)
{
	static struct firmware firmware;
	const char *why = "";

	if (firmware_parse(p->firmware, p->firmware_size, &firmware, &why))
		return refuse(why);
	if (assign_memory(LAUNCH_UNACCEPTED) || measure(guest.rom_gpa, guest.rom_size))
		return refuse("its memory map does not fit");
	guest_fw_cfg_init(p->cmdline);
	chipset_reset();
	return rom_launch(v, &firmware);
}

int start_load(struct vcpu *v, const struct payload *p)
{
	static const u8 elf_magic[4] = { 0x7f, 'E', 'L', 'F' };
	bool elf = p->image_size > sizeof(elf_magic) && !memcmp(p->image, elf_magic, 4);
	int error = p->firmware ? load_firmware(v, p) : elf ? load_elf(v, p) : load_linux(v, p);

	processor_load(v);
	return error;
}
