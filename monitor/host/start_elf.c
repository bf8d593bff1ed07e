/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See start_elf.h.
 */
#include "monitor/host/start_elf.h"

#include "abi/linux_boot.h"
#include "abi/multiboot1.h"
#include "lib/compiler.h"
#include "lib/string.h"
#include "model/elf_image.h"
#include "model/linux_image.h"
#include "model/multiboot_info.h"
#include "model/pvh_info.h"
#include "monitor/hardware/launch.h"
#include "monitor/host/start_memory.h"
#include "monitor/machine/options.h"

#define INFO_SIZE (4 * PAGE_SIZE) /* start info, map, command lines */
#define INFO_LOW  0x10000
#define INFO_HIGH 0x80000
#define BELOW_4G  BIT(32)
#define ABOVE_LOW 0x100000

/* argv[0] of a multiboot guest: its loader has the file's name there */
#define OWN_NAME "guest "

static struct elf_plan plan;
/* Memory that nothing of the guest's lies in yet. */
static struct memmap unused;

static void *at(u64 gpa) { return (void *)(uintptr_t)gpa; }

static int put_segments(const struct payload *p)
{
	int error = 0;

	unused = guest.map;
	for (unsigned int i = 0; i < plan.segment_count && !error; i++) {
		const struct elf_segment *s = &plan.segments[i];

		memset(at(s->gpa + s->file_size), 0, s->memory_size - s->file_size);
		error = start_put(&p->image.source, s->file_offset, s->gpa, s->file_size);
		if (!error)
			error = start_measure(s->gpa, s->memory_size);
		if (!error)
			error = memmap_set(&unused, s->gpa, s->memory_size, HVM_MEMMAP_RESERVED);
	}
	return error;
}

static int put_initrd(const struct payload *p, struct pvh_module *module)
{
	u64 size = p->initrd.source.size;

	*module = (struct pvh_module){ .size = size };
	if (!size)
		return 0;
	if (memmap_find_high(&unused, size, PAGE_SIZE, ABOVE_LOW, BELOW_4G, &module->gpa))
		return start_refuse("there is no room for the initrd");
	if (start_put(&p->initrd.source, 0, module->gpa, size))
		return start_refuse("its initrd lies outside of memory");
	return 0;
}

/* What the guest takes its command line to be: NULL, after a line, where it is too long for it. */
static const char *command_line(const struct payload *p)
{
	static char text[INFO_SIZE];
	size_t size = strlen(p->cmdline), own = plan.is_multiboot ? sizeof(OWN_NAME) - 1 : 0;

	if (plan.is_linux && !linux_cmdline_build(p->cmdline, LINUX_CMDLINE_DEFAULT_MAX, text)) {
		start_tell_left_out(p->cmdline, LINUX_CMDLINE_DEFAULT_MAX);
		return text;
	}
	if (plan.is_linux || size + own >= sizeof(text)) {
		(void)!start_refuse("its command line is longer than it takes");
		return NULL;
	}
	memcpy(text, OWN_NAME, own);
	memcpy(text + own, p->cmdline, size + 1);
	return text;
}

static int put_info(const struct payload *p, const struct pvh_module *module, u64 *gpa)
{
	struct pvh_info content = {
		.cmdline = command_line(p),
		.rsdp = p->rsdp,
		.map = &guest.map,
		.module_count = module->size != 0,
		.modules = module,
	};
	s64 used;

	if (!content.cmdline)
		return -E_INVAL;
	if (memmap_find_low(&unused, INFO_SIZE, PAGE_SIZE, INFO_LOW, INFO_HIGH, gpa))
		return start_refuse("there is no room for its start info");
	memset(at(*gpa), 0, INFO_SIZE);
	if (guest.inject[INJECT_APIC_IN_RAM] >= 0 &&
	    memmap_set(&guest.map, APIC_BASE_DEFAULT, PAGE_SIZE, HVM_MEMMAP_RAM))
		return -E_NOSPC;
	used = plan.is_multiboot ? multiboot_info_build(&content, at(*gpa), INFO_SIZE, *gpa)
				 : pvh_info_build(&content, at(*gpa), INFO_SIZE, *gpa);
	if (used < 0)
		return start_refuse("its start info does not fit: the command line is too long");
	return start_measure(*gpa, INFO_SIZE);
}

int start_elf(struct vcpu *v, const struct payload *p)
{
	const char *why = "";
	struct pvh_module initrd;
	u64 info = 0;

	if (elf_plan(&p->image.source, &guest.map, &plan, &why))
		return start_refuse(why);
	/* pvh_start_xen() looks for neither a C-bit nor a TD: Linux's other entries do. */
	if (plan.is_linux && guest.hardware->is_encrypted)
		return start_refuse("an uncompressed Linux is entered by PVH, which knows no "
				    "confidential guest; its bzImage does");
	if (start_assign_memory(LAUNCH_UNACCEPTED) || put_segments(p))
		return start_refuse("its memory map does not fit");
	for (unsigned int i = 0; i < plan.section_count; i++)
		if (guest.hardware->fill_section(&plan.sections[i]))
			return start_refuse("its CPUID page cannot be made");
	if (put_initrd(p, &initrd) || put_info(p, &initrd, &info))
		return -E_INVAL;
	launch_vmsa_pvh(&v->vmcb->save, plan.is_multiboot ? plan.multiboot_entry : plan.pvh_entry,
			info);
	if (plan.is_multiboot)
		v->vmcb->save.rax = MB1_LOADER_MAGIC;
	return 0;
}
