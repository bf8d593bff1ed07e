/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans the loading of an ELF guest: see elf_image.h.
 */
#include "model/elf_image.h"
#include "abi/elf.h"
#include "abi/multiboot1.h"
#include "lib/compiler.h"
#include "lib/string.h"

#define PROGRAM_HEADERS_MAX 64
#define LINUX_NOTE_NAME     "Linux"

struct file {
	const struct source *source;
	const char *why;
	bool is_32bit;
	bool by_vaddr; /* its linker left all physical addresses 0 */
	u64 headers;   /* program headers, in the file */
	unsigned int header_count;
};

static int refuse(struct file *f, const char *why)
{
	f->why = why;
	return -E_INVAL;
}

static bool is_executable(unsigned int type, unsigned int machine, unsigned int wanted)
{
	return (type == ELF_TYPE_EXEC || type == ELF_TYPE_DYN) && machine == wanted;
}

static int set_headers(struct file *f, u64 offset, unsigned int size, unsigned int count,
		       unsigned int wanted_size)
{
	if (size != wanted_size || count > PROGRAM_HEADERS_MAX)
		return refuse(f, "the size or count of its program headers is wrong");
	if (!source_has(f->source, offset, (u64)count * size))
		return refuse(f, "a program header is cut off");
	f->headers = offset;
	f->header_count = count;
	return 0;
}

static int check_header64(struct file *f)
{
	struct elf64_header h;

	if (!source_has(f->source, 0, sizeof(h)))
		return refuse(f, "the ELF header is cut off");
	source_read(f->source, 0, &h, sizeof(h));
	if (!is_executable(h.type, h.machine, ELF_MACHINE_X86_64))
		return refuse(f, "it is no x86-64 executable");
	return set_headers(f, h.phoff, h.phentsize, h.phnum, sizeof(struct elf64_program_header));
}

/* Its header must not ask for what is not done here: video, or addresses beside the ELF's. */
static int check_multiboot(struct file *f, u32 flags)
{
	if (flags & MB1_REQUIRED & ~(u32)(MB1_ALIGN_MODULES | MB1_WANTS_MEMORY))
		return refuse(f, "its multiboot header asks for more than modules and memory");
	if (flags & MB1_HAS_ADDRESSES)
		return refuse(f, "its multiboot header has addresses of its own");
	return 0;
}

static int find_multiboot(struct file *f)
{
	static u8 head[MB1_SEARCH];
	u64 size = f->source->size < sizeof(head) ? f->source->size : sizeof(head);
	struct mb1_image_header h;

	source_read(f->source, 0, head, size);
	for (u64 at = 0; at + sizeof(h) <= size; at += sizeof(u32)) {
		memcpy(&h, head + at, sizeof(h));
		if (h.magic == MB1_HEADER_MAGIC && !(h.magic + h.flags + h.checksum))
			return check_multiboot(f, h.flags);
	}
	return refuse(f, "it is an ELF32 file without a multiboot header");
}

static int check_header32(struct file *f, struct elf_plan *plan)
{
	struct elf32_header h;
	int error;

	if (!source_has(f->source, 0, sizeof(h)))
		return refuse(f, "the ELF header is cut off");
	source_read(f->source, 0, &h, sizeof(h));
	if (!is_executable(h.type, h.machine, ELF_MACHINE_386))
		return refuse(f, "it is no x86 executable");
	error = find_multiboot(f);
	plan->is_multiboot = true;
	plan->multiboot_entry = h.entry;
	return error ? error
		     : set_headers(f, h.phoff, h.phentsize, h.phnum,
				   sizeof(struct elf32_program_header));
}

static int check_header(struct file *f, struct elf_plan *plan)
{
	struct elf64_header h;

	if (!source_has(f->source, 0, offsetof(struct elf64_header, type)))
		return refuse(f, "the ELF header is cut off");
	source_read(f->source, 0, &h, offsetof(struct elf64_header, type));
	f->is_32bit = h.class == ELF_CLASS_32;
	if (h.magic != ELF_MAGIC || h.data != ELF_DATA_LSB ||
	    (h.class != ELF_CLASS_64 && !f->is_32bit))
		return refuse(f, "it is no little-endian ELF file");
	return f->is_32bit ? check_header32(f, plan) : check_header64(f);
}

static struct elf64_program_header header32(const struct file *f, unsigned int i)
{
	struct elf32_program_header h;

	source_read(f->source, f->headers + i * sizeof(h), &h, sizeof(h));
	return (struct elf64_program_header){
		.type = h.type,
		.offset = h.offset,
		.vaddr = h.vaddr,
		.paddr = h.paddr,
		.filesz = h.filesz,
		.memsz = h.memsz,
		.align = h.align,
	};
}

/* Of a segment that has no bytes in the file, where they would be is nothing. */
static struct elf64_program_header header_of(const struct file *f, unsigned int i)
{
	struct elf64_program_header h;

	if (f->is_32bit)
		h = header32(f, i);
	else
		source_read(f->source, f->headers + i * sizeof(h), &h, sizeof(h));
	if (!h.filesz)
		h.offset = 0;
	if (f->by_vaddr)
		h.paddr = h.vaddr;
	return h;
}

/* Then the virtual addresses are all that can be meant. */
static bool has_no_paddr(const struct file *f)
{
	bool has_vaddr = false;

	for (unsigned int i = 0; i < f->header_count; i++) {
		struct elf64_program_header h = header_of(f, i);

		if (h.type == ELF_PT_LOAD && h.paddr)
			return false;
		has_vaddr |= h.type == ELF_PT_LOAD && h.vaddr;
	}
	return has_vaddr;
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
	if (!source_has(f->source, ph->offset, ph->filesz))
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

static int add_pvh_note(struct file *f, u64 desc, u32 size, struct elf_plan *plan)
{
	u64 entry = 0;

	if (plan->pvh_entry) /* the first one counts */
		return 0;
	if (size != sizeof(u32) && size != sizeof(u64))
		return refuse(f, "its PVH note has a wrong size");
	source_read(f->source, desc, &entry, size);
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

static int add_launch_note(struct file *f, u64 desc, u32 size, struct elf_plan *plan)
{
	int error = 0;

	if (size % sizeof(struct launch_section))
		return refuse(f, "its launch note has a wrong size");
	for (u32 at = 0; at < size && !error; at += sizeof(struct launch_section)) {
		struct launch_section section;

		source_read(f->source, desc + at, &section, sizeof(section));
		error = add_section(f, &section, plan);
	}
	return error;
}

static int add_ap_note(struct file *f, u64 desc, u32 size, struct elf_plan *plan)
{
	u32 entry;

	if (size != sizeof(entry))
		return refuse(f, "its launch note has a wrong size");
	source_read(f->source, desc, &entry, sizeof(entry));
	if (!in_image(plan, entry, 1))
		return refuse(f, "its entry of other processors is outside of the image");
	plan->ap_entry = entry;
	return 0;
}

/* A note in the file: the name and descriptor are inside of it. */
struct note {
	u32 type;
	u32 name_size;
	u32 desc_size;
	u64 name;
	u64 desc;
	u64 next;
};

static bool is_named(const struct file *f, const struct note *n, const char *wanted)
{
	size_t size = strlen(wanted) + 1;
	char name[8];

	if (n->name_size != size || size > sizeof(name))
		return false;
	source_read(f->source, n->name, name, size);
	return !memcmp(name, wanted, size);
}

static int add_note(struct file *f, const struct note *n, struct elf_plan *plan)
{
	plan->is_linux |= is_named(f, n, LINUX_NOTE_NAME);
	if (n->type == PVH_NOTE_TYPE && is_named(f, n, PVH_NOTE_NAME))
		return add_pvh_note(f, n->desc, n->desc_size, plan);
	if (n->type == LAUNCH_NOTE_TYPE_SEV && is_named(f, n, LAUNCH_NOTE_NAME))
		return add_launch_note(f, n->desc, n->desc_size, plan);
	if (n->type == LAUNCH_NOTE_TYPE_AP && is_named(f, n, LAUNCH_NOTE_NAME))
		return add_ap_note(f, n->desc, n->desc_size, plan);
	return 0;
}

/* The note at @at of a segment that ends at @end; false: it is cut off. */
static bool read_note(const struct file *f, u64 start, u64 at, u64 end, u64 align, struct note *n)
{
	struct elf_note_header h;

	if (end - at < sizeof(h))
		return false;
	source_read(f->source, at, &h, sizeof(h));
	*n = (struct note){ .type = h.type, .name_size = h.name_size, .desc_size = h.desc_size };
	n->name = at + sizeof(h);
	n->desc = start + align_up(n->name + h.name_size - start, align);
	n->next = start + align_up(n->desc + h.desc_size - start, align);
	return n->desc + h.desc_size <= end;
}

/*
 * Behind a good entry nobody reads on who only wants that: what is no note there ends the list, as
 * other tools leave it in images that they cut to size.
 */
static int add_notes(struct file *f, const struct elf64_program_header *ph, struct elf_plan *plan)
{
	u64 align = ph->align == 8 ? 8 : 4, end = ph->offset + ph->filesz;
	int error = 0;

	if (!source_has(f->source, ph->offset, ph->filesz))
		return refuse(f, "its notes are cut off");
	for (u64 at = ph->offset; at < end && !error;) {
		bool had_entry = plan->pvh_entry;
		struct note n;

		if (!read_note(f, ph->offset, at, end, align, &n))
			return had_entry ? 0 : refuse(f, "a note is cut off");
		error = add_note(f, &n, plan);
		at = n.next;
	}
	return error;
}

/* All segments come before the notes, which are checked against them. */
static int for_each(struct file *f, u32 type, const struct memmap *map, struct elf_plan *plan)
{
	int error = 0;

	for (unsigned int i = 0; i < f->header_count && !error; i++) {
		struct elf64_program_header ph = header_of(f, i);

		if (ph.type != type)
			continue;
		error = type == ELF_PT_LOAD ? add_segment(f, &ph, map, plan)
					    : add_notes(f, &ph, plan);
	}
	return error;
}

static int plan_entry(struct file *f, const struct memmap *map, struct elf_plan *plan)
{
	int error;

	if (f->is_32bit)
		return in_image(plan, plan->multiboot_entry, 1)
			       ? 0
			       : refuse(f, "its entry is outside of the image");
	error = for_each(f, ELF_PT_NOTE, map, plan);
	if (!error && !plan->pvh_entry)
		error = refuse(f, "it has no PVH entry note");
	return error;
}

static int plan_file(struct file *f, const struct memmap *map, struct elf_plan *plan)
{
	int error = check_header(f, plan);

	if (error)
		return error;
	f->by_vaddr = has_no_paddr(f);
	error = for_each(f, ELF_PT_LOAD, map, plan);
	return error ? error : plan_entry(f, map, plan);
}

int elf_plan(const struct source *file, const struct memmap *map, struct elf_plan *plan,
	     const char **why)
{
	struct file f = { .source = file };
	int error;

	*plan = (struct elf_plan){ 0 };
	error = plan_file(&f, map, plan);
	*why = f.why;
	return error;
}
