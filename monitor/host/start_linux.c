/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See start_linux.h.
 */
#include "monitor/host/start_linux.h"

#include "lib/compiler.h"
#include "lib/string.h"
#include "model/linux_image.h"
#include "monitor/hardware/launch.h"
#include "monitor/host/start_memory.h"

/* Linux not started by EFI scans the ROMs for an iBFT, as memory of its own. */
#define ROMS_START 0xc0000
#define ROMS_SIZE  0x40000

static u8 head[LINUX_HEAD_SIZE]; /* of the file: its setup header */
static struct linux_image image;
static struct linux_place place;

static int plan(const struct payload *p)
{
	u64 size = p->image.source.size;
	const char *why = "";

	source_read(&p->image.source, 0, head, size < sizeof(head) ? size : sizeof(head));
	if (linux_image_parse(head, size, &image, &why) ||
	    linux_image_place(&image, &guest.map, p->initrd.source.size, &place, &why))
		return start_refuse(why);
	if (strlen(p->cmdline) > image.cmdline_max)
		return start_refuse("its command line is longer than the kernel takes");
	start_tell_left_out(p->cmdline, image.cmdline_max);
	return 0;
}

static int fill_blob_pages(void)
{
	const struct launch_section secrets = { (u32)place.secrets, PAGE_SIZE,
						SEV_SECTION_SECRETS };
	const struct launch_section cpuid = { (u32)place.cpuid, PAGE_SIZE, SEV_SECTION_CPUID };
	int error = guest.hardware->fill_section(&secrets);

	return error ? error : guest.hardware->fill_section(&cpuid);
}

int start_linux(struct vcpu *v, const struct payload *p)
{
	struct linux_params params = {
		.map = &guest.map,
		.cmdline = p->cmdline,
		.rsdp = p->rsdp,
		.initrd_size = p->initrd.source.size,
		.cc = guest.hardware->has_cc_blob,
	};

	if (plan(p))
		return -E_INVAL;
	if (start_assign_memory(LAUNCH_ACCEPTED))
		return start_refuse("its memory map does not fit");
	if (linux_block_build(head, &image, &place, &params, kind_private_bit(),
			      (void *)place.params))
		return start_refuse("its boot parameters do not fit");
	if (fill_blob_pages())
		return start_refuse("its CPUID page cannot be made");
	if (start_measure(ROMS_START, ROMS_SIZE) ||
	    start_put(&p->image.source, image.kernel_offset, place.kernel, image.kernel_size) ||
	    start_put(&p->initrd.source, 0, place.initrd, p->initrd.source.size) ||
	    start_measure(place.params, LINUX_BLOCK_SIZE))
		return start_refuse("a part of it lies outside of memory");
	launch_vmsa_linux(&v->vmcb->save, place.kernel + LINUX_ENTRY_64, place.params,
			  place.tables | kind_private_bit(), place.gdt);
	return 0;
}
