/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans the loading of an ELF64 guest: see elf_image.h.
 */
#include "model/elf_image.h"
#include "abi/elf.h"
#include "lib/compiler.h"
#include "lib/string.h"

#define PROGRAM_HEADERS_MAX 64

struct file {
	const u8 *bytes;
	u64 size;
	const char *why;
};

static int refuse(struct file *f, const char *why)
{
	f->why = why;
	return -E_INVAL;
}

static bool in_file(const struct file *f, u64 offset, u64 size)
{
	return offset <= f->size && size <= f->size - offset;
}

static int check_header(struct file *f, struct elf64_header *h)
{
	if (!in_file(f, 0, sizeof(*h)))
		return refuse(f, "the ELF header is cut off");
	memcpy(h, f->bytes, sizeof(*h));
	if (h->magic != ELF_MAGIC || h->class != ELF_CLASS_64 || h->data != ELF_DATA_LSB)
		return refuse(f, "it is no little-endian ELF64 file");
	if (h->type != ELF_TYPE_EXEC || h->machine != ELF_MACHINE_X86_64)
		return refuse(f, "it is no x86-64 executable");
	if (h->phentsize != sizeof(struct elf64_program_header) || h->phnum > PROGRAM_HEADERS_MAX)
		return refuse(f, "the size or count of its program headers is wrong");
	if (!in_file(f, h->phoff, (u64)h->phnum * h->phentsize))
		return refuse(f, "a program header is cut off");
	return 0;
}

static bool overlaps(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a < b + b_size && b < a + a_size;
}

static int add_segment(struct file *f, const struct elf64_program_header *ph,
		       const struct memmap *map, struct elf_plan *plan)
{
	if (ph->filesz > ph->memsz)
		return refuse(f, "a segment is larger in the file than in memory");
	if (!in_file(f, ph->offset, ph->filesz))
		return refuse(f, "a segment is cut off");
	if (!ph->memsz)
		return 0;
	if (!memmap_is_ram(map, ph->paddr, ph->memsz))
		return refuse(f, "a segment does not lie in the guest's memory");
	for (unsigned int i = 0; i < plan->segment_count; i++)
		if (overlaps(ph->paddr, ph->memsz, plan->segments[i].gpa,
			     plan->segments[i].memory_size))
			return refuse(f, "two segments overlap");
	if (plan->segment_count == ELF_SEGMENTS_MAX)
		return refuse(f, "it has too many segments");
	plan->segments[plan->segment_count++] = (struct elf_segment){
		.gpa = ph->paddr,
		.memory_size = ph->memsz,
		.file_offset = ph->offset,
		.file_size = ph->filesz,
	};
	if (plan->segment_count == 1 || ph->paddr < plan->low)
		plan->low = ph->paddr;
	if (ph->paddr + ph->memsz > plan->high)
		plan->high = ph->paddr + ph->memsz;
	return 0;
}

static bool in_image(const struct elf_plan *plan, u64 gpa, u64 size)
{
	for (unsigned int i = 0; i < plan->segment_count; i++) {
		u64 offset = gpa - plan->segments[i].gpa;

		if (offset < plan->segments[i].memory_size)
			return size <= plan->segments[i].memory_size - offset;
	}
	return false;
}

static int add_pvh_note(struct file *f, const u8 *desc, u32 size, struct elf_plan *plan)
{
	u64 entry = 0;

	if (size != sizeof(u32) && size != sizeof(u64))
		return refuse(f, "its PVH note has a wrong size");
	memcpy(&entry, desc, size);
	if (entry >> 32 || !in_image(plan, entry, 1))
		return refuse(f, "its PVH entry is outside of the image");
	plan->pvh_entry = entry;
	return 0;
}

static int add_section(struct file *f, const struct launch_section *s, struct elf_plan *plan)
{
	if (!s->size || !is_aligned(s->gpa | s->size, PAGE_SIZE))
		return refuse(f, "a launch section is not made of whole pages");
	if (s->type != SEV_SECTION_SEC_MEM && s->type != SEV_SECTION_SECRETS &&
	    s->type != SEV_SECTION_CPUID)
		return refuse(f, "a launch section has an unknown type");
	if (s->type != SEV_SECTION_SEC_MEM && s->size != PAGE_SIZE)
		return refuse(f, "a CPUID or secrets section is not one page");
	if (!in_image(plan, s->gpa, s->size))
		return refuse(f, "a launch section is outside of the image");
	for (unsigned int i = 0; i < plan->section_count; i++)
		if (overlaps(s->gpa, s->size, plan->sections[i].gpa, plan->sections[i].size))
			return refuse(f, "two launch sections overlap");
	if (plan->section_count == ELF_SECTIONS_MAX)
		return refuse(f, "it has too many launch sections");
	plan->sections[plan->section_count++] = *s;
	return 0;
}

static int add_launch_note(struct file *f, const u8 *desc, u32 size, struct elf_plan *plan)
{
	int error = 0;

	if (size % sizeof(struct launch_section))
		return refuse(f, "its launch note has a wrong size");
	for (u32 at = 0; at < size && !error; at += sizeof(struct launch_section)) {
		struct launch_section section;

		memcpy(&section, desc + at, sizeof(section));
		error = add_section(f, &section, plan);
	}
	return error;
}

static bool is_note(const struct elf_note_header *h, const u8 *name, u32 type, const char *wanted)
{
	size_t size = strlen(wanted) + 1;

	return h->type == type && h->name_size == size && !memcmp(name, wanted, size);
}

static int add_note(struct file *f, const struct elf_note_header *h, const u8 *name, const u8 *desc,
		    struct elf_plan *plan)
{
	if (is_note(h, name, PVH_NOTE_TYPE, PVH_NOTE_NAME))
		return add_pvh_note(f, desc, h->desc_size, plan);
	if (is_note(h, name, LAUNCH_NOTE_TYPE_SEV, LAUNCH_NOTE_NAME))
		return add_launch_note(f, desc, h->desc_size, plan);
	return 0;
}

static int add_notes(struct file *f, const struct elf64_program_header *ph, struct elf_plan *plan)
{
	u64 at = ph->offset, end = ph->offset + ph->filesz;

	if (!in_file(f, ph->offset, ph->filesz))
		return refuse(f, "its notes are cut off");
	while (end - at >= sizeof(struct elf_note_header)) {
		struct elf_note_header h;
		u64 name, desc, next;
		int error;

		memcpy(&h, f->bytes + at, sizeof(h));
		name = at + sizeof(h);
		desc = name + align_up((u64)h.name_size, 4);
		next = desc + align_up((u64)h.desc_size, 4);
		if (desc + h.desc_size > end)
			return refuse(f, "a note is cut off");
		error = add_note(f, &h, f->bytes + name, f->bytes + desc, plan);
		if (error)
			return error;
		at = next < end ? next : end;
	}
	return 0;
}

/* All segments come before the notes, which are checked against them. */
static int for_each(struct file *f, const struct elf64_header *h, u32 type,
		    const struct memmap *map, struct elf_plan *plan)
{
	int error = 0;

	for (unsigned int i = 0; i < h->phnum && !error; i++) {
		struct elf64_program_header ph;

		memcpy(&ph, f->bytes + h->phoff + i * sizeof(ph), sizeof(ph));
		if (ph.type != type)
			continue;
		error = type == ELF_PT_LOAD ? add_segment(f, &ph, map, plan)
					    : add_notes(f, &ph, plan);
	}
	return error;
}

static int plan_file(struct file *f, const struct memmap *map, struct elf_plan *plan)
{
	struct elf64_header h;
	int error = check_header(f, &h);

	if (!error)
		error = for_each(f, &h, ELF_PT_LOAD, map, plan);
	if (!error)
		error = for_each(f, &h, ELF_PT_NOTE, map, plan);
	if (!error && !plan->pvh_entry)
		error = refuse(f, "it has no PVH entry note");
	return error;
}

int elf_plan(const void *image, u64 size, const struct memmap *map, struct elf_plan *plan,
	     const char **why)
{
	struct file f = { image, size, NULL };
	int error;

	*plan = (struct elf_plan){ 0 };
	error = plan_file(&f, map, plan);
	*why = f.why;
	return error;
}
