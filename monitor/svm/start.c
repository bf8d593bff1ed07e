/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See start.h. What of an SNP guest's memory is measured and valid at launch: an ELF guest's own
 * image and start info; of a Linux guest all RAM, as its firmware would have accepted it. Memory
 * without promised contents is noise in both.
 */
#include "monitor/svm/start.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/string.h"
#include "monitor/model/elf_image.h"
#include "monitor/model/launch.h"
#include "monitor/model/linux_image.h"
#include "monitor/model/pvh_info.h"
#include "monitor/svm/pages.h"

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

/* [gpa, gpa + size) is part of the launch: valid, with the contents it has now. */
static int measure(u64 gpa, u64 size)
{
	u64 start = align_down(gpa, (u64)PAGE_SIZE);

	if (!guest.snp)
		return 0;
	return rmp_assign(&guest.rmp, start, align_up(gpa + size, (u64)PAGE_SIZE) - start,
			  RMP_VALIDATED);
}

static int assign(u64 start, u64 end, u32 flags)
{
	return start < end ? rmp_assign(&guest.rmp, start, end - start, flags) : 0;
}

/*
 * RAM becomes the guest's; firmware's tables stay readable, and so does what firmware keeps in a
 * page that is otherwise RAM.
 */
static int assign_memory(u32 ram_flags)
{
	int error = 0;

	for (unsigned int i = 0; guest.snp && i < guest.map.count && !error; i++) {
		const struct hvm_memmap_entry *e = &guest.map.entries[i];
		u64 end = e->addr + e->size;

		if (e->type != HVM_MEMMAP_RAM && e->type != HVM_MEMMAP_ACPI &&
		    e->type != HVM_MEMMAP_NVS)
			continue;
		error = assign(align_down(e->addr, (u64)PAGE_SIZE), align_up(end, (u64)PAGE_SIZE),
			       RMP_VALIDATED);
		if (!error && e->type == HVM_MEMMAP_RAM)
			error = assign(align_up(e->addr, (u64)PAGE_SIZE),
				       align_down(end, (u64)PAGE_SIZE), ram_flags);
	}
	return error;
}

static void fill_secrets(u64 gpa)
{
	u8 keys[VMPL_COUNT * SNP_VMPCK_SIZE];

	for (unsigned int i = 0; i < sizeof(keys); i++)
		keys[i] = (u8)(rdtsc() >> 3) ^ (u8)(i * 37);
	launch_secrets(at(gpa), cpuid_raw(CPUID_FEATURES, 0).eax, keys);
}

static int fill_section(const struct launch_section *section)
{
	if (section->type == SEV_SECTION_CPUID)
		return cpuid_page_build(&guest.cpuid, at(section->gpa));
	if (section->type == SEV_SECTION_SECRETS)
		fill_secrets(section->gpa);
	return 0;
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
	if (assign_memory(RMP_POISON))
		return refuse("its memory map does not fit");
	for (unsigned int i = 0; i < plan.segment_count; i++) {
		const struct elf_segment *s = &plan.segments[i];

		memcpy(at(s->gpa), (const u8 *)p->image + s->file_offset, s->file_size);
		memset(at(s->gpa + s->file_size), 0, s->memory_size - s->file_size);
		if (measure(s->gpa, s->memory_size))
			return refuse("a segment lies outside of memory");
	}
	for (unsigned int i = 0; guest.snp && i < plan.section_count; i++)
		if (fill_section(&plan.sections[i]))
			return refuse("its CPUID page cannot be made");
	if (build_info(p, &info))
		return refuse("no room for its start info");
	launch_vmsa_pvh(&v->vmcb->save, plan.pvh_entry, info);
	return 0;
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
		.cc = guest.snp,
	};
	const char *why = "";

	if (linux_image_parse(p->image, p->image_size, &image, &why) ||
	    linux_image_place(&image, &guest.map, p->initrd_size, &place, &why))
		return refuse(why);
	if (assign_memory(RMP_VALIDATED | RMP_POISON))
		return refuse("its memory map does not fit");
	if (linux_block_build(p->image, &image, &place, &params, guest.cbit_mask, at(place.params)))
		return refuse("its boot parameters do not fit");
	memcpy(at(place.kernel), (const u8 *)p->image + image.kernel_offset, image.kernel_size);
	memcpy(at(place.initrd), p->initrd, p->initrd_size);
	if (guest.snp) {
		fill_secrets(place.secrets);
		if (cpuid_page_build(&guest.cpuid, at(place.cpuid)))
			return refuse("its CPUID page cannot be made");
	}
	if (measure(ROMS_START, ROMS_SIZE) || measure(place.kernel, image.kernel_size) ||
	    (p->initrd_size && measure(place.initrd, p->initrd_size)) ||
	    measure(place.params, LINUX_BLOCK_SIZE))
		return refuse("a part of it lies outside of memory");
	launch_vmsa_linux(&v->vmcb->save, place.kernel + LINUX_ENTRY_64, place.params,
			  place.tables | guest.cbit_mask, place.gdt);
	return 0;
}

int start_load(struct vcpu *v, const struct payload *p)
{
	struct vmsa *s = &v->vmcb->save;
	static const u8 elf_magic[4] = { 0x7f, 'E', 'L', 'F' };
	bool elf = p->image_size > sizeof(elf_magic) && !memcmp(p->image, elf_magic, 4);
	int error = elf ? load_elf(v, p) : load_linux(v, p);

	v->gpr[REG_RBX] = s->rbx;
	v->gpr[REG_RSI] = s->rsi;
	s->efer |= EFER_SVME; /* VMRUN insists; hidden from the guest */
	vmload((u64)v->vmcb);
	return error;
}
