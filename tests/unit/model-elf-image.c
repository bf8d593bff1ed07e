/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An ELF guest is planned as its headers say; each thing that can be wrong with the file is
 * refused with a reason of its own.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../../model/elf_image.c"
#include "../../model/memmap.c"

#define BASE      0x200000
#define MAX_NOTES 256

/* A file with two segments and one note segment, in which a test breaks one thing. */
static struct {
	struct elf64_header header;
	struct elf64_program_header ph[3];
	u8 notes[MAX_NOTES];
	u8 text[64];
} file;

static struct memmap map;
static struct elf_plan plan;
static u64 notes_used;
static const char *why;

static void add_note_bytes(const char *name, u32 type, const void *desc, u32 size)
{
	struct elf_note_header h = { (u32)strlen(name) + 1, size, type };

	memcpy(file.notes + notes_used, &h, sizeof(h));
	notes_used += sizeof(h);
	memcpy(file.notes + notes_used, name, h.name_size);
	notes_used += (h.name_size + 3) & ~3U;
	memcpy(file.notes + notes_used, desc, size);
	notes_used += (size + 3) & ~3U;
	file.ph[2].filesz = notes_used;
}

static void add_pvh(u32 entry) { add_note_bytes("Xen", 18, &entry, sizeof(entry)); }

static void add_sections(const struct launch_section *sections, unsigned int count)
{
	add_note_bytes("Postern", 1, sections, (u32)(count * sizeof(*sections)));
}

/* All but the notes. */
static void make_file(void)
{
	memset(&file, 0, sizeof(file));
	notes_used = 0;
	file.header = (struct elf64_header){ .magic = ELF_MAGIC,
					     .class = ELF_CLASS_64,
					     .data = ELF_DATA_LSB,
					     .type = ELF_TYPE_EXEC,
					     .machine = ELF_MACHINE_X86_64,
					     .phoff = offsetof(typeof(file), ph),
					     .phentsize = 56,
					     .phnum = 3 };
	file.ph[0] = (struct elf64_program_header){ .type = ELF_PT_LOAD,
						    .offset = offsetof(typeof(file), text),
						    .paddr = BASE,
						    .filesz = sizeof(file.text),
						    .memsz = 0x3000 };
	file.ph[1] = (struct elf64_program_header){ .type = ELF_PT_LOAD,
						    .paddr = BASE + 0x10000,
						    .memsz = 0x4000 };
	file.ph[2] = (struct elf64_program_header){ .type = ELF_PT_NOTE,
						    .offset = offsetof(typeof(file), notes) };
	memmap_init(&map);
	assert(!memmap_set(&map, 0x100000, 0x1000000, HVM_MEMMAP_RAM));
}

static void make_good(void)
{
	make_file();
	add_pvh(BASE + 0x10);
}

static int plan_bytes(const void *bytes, u64 size)
{
	struct source source = source_of_bytes(bytes, size);

	return elf_plan(&source, &map, &plan, &why);
}

static int plan_sized(u64 size) { return plan_bytes(&file, size); }

static bool refused(const char *reason)
{
	int error = plan_sized(sizeof(file));

	if (!error || !why || strcmp(why, reason))
		fprintf(stderr, "got %d %s\n", error, why ? why : "(none)");
	return error == -E_INVAL && why && !strcmp(why, reason);
}

static void test_good(void)
{
	const struct launch_section sections[] = {
		{ BASE + 0x10000, 0x1000, SEV_SECTION_SECRETS },
		{ BASE + 0x11000, 0x1000, SEV_SECTION_CPUID },
	};

	make_file();
	add_note_bytes("Other", 18, "abcde", 5); /* of no concern, and padded */
	add_note_bytes("Xen", 6, "x", 2);
	add_pvh(BASE + 0x10);
	add_sections(sections, 2);
	assert(!plan_sized(sizeof(file)) && !why);
	assert(plan.pvh_entry == BASE + 0x10 && plan.segment_count == 2);
	assert(plan.segments[0].gpa == BASE && plan.segments[0].memory_size == 0x3000);
	assert(plan.segments[0].file_size == 64 && plan.segments[1].file_size == 0);
	assert(plan.low == BASE && plan.high == BASE + 0x14000);
	assert(plan.section_count == 2 && plan.sections[1].gpa == BASE + 0x11000);
}

static void test_header(void)
{
	for (u64 size = 0; size < offsetof(typeof(file), text); size++) {
		make_good();
		assert(plan_sized(size) == -E_INVAL);
	}
	make_good();
	file.header.magic++;
	assert(refused("it is no little-endian ELF file"));
	make_good();
	file.header.class = 3;
	assert(refused("it is no little-endian ELF file"));
	make_good();
	file.header.data = 2;
	assert(refused("it is no little-endian ELF file"));
	make_good();
	file.header.type = ELF_TYPE_DYN;
	assert(!plan_sized(sizeof(file)));
	make_good();
	file.header.type = 1;
	assert(refused("it is no x86-64 executable"));
	make_good();
	file.header.machine = 3;
	assert(refused("it is no x86-64 executable"));
	make_good();
	file.header.phentsize = 55;
	assert(refused("the size or count of its program headers is wrong"));
	make_good();
	file.header.phnum = 65;
	assert(refused("the size or count of its program headers is wrong"));
	make_good();
	file.header.phoff = sizeof(file);
	assert(refused("a program header is cut off"));
	file.header.phoff = ~U64_C(0);
	assert(refused("a program header is cut off"));
}

static void test_segments(void)
{
	make_good();
	file.ph[0].filesz = file.ph[0].memsz + 1;
	assert(refused("a segment is larger in the file than in memory"));
	make_good();
	file.ph[0].offset++;
	assert(refused("a segment is cut off"));
	file.ph[0].offset = ~U64_C(0);
	assert(refused("a segment is cut off"));
	make_good();
	file.ph[1].paddr = 0x80000;
	assert(refused("a segment does not lie in the guest's memory"));
	file.ph[1].paddr = ~U64_C(0) - 0x1000;
	assert(refused("a segment does not lie in the guest's memory"));
	file.ph[1].paddr = BASE;
	file.ph[1].memsz = ~U64_C(0);
	assert(refused("a segment does not lie in the guest's memory"));
	make_good();
	file.ph[1].paddr = BASE + 0x2fff;
	assert(refused("two segments overlap"));
	make_good();
	file.ph[1].memsz = 0;
	assert(!plan_sized(sizeof(file)) && plan.segment_count == 1);
	make_good();
	file.ph[1].offset = ~U64_C(0); /* nothing of it is in the file */
	assert(!plan_sized(sizeof(file)) && plan.segments[1].file_size == 0);
}

/* A linker that fills in no physical addresses means the virtual ones. */
static void test_vaddr_only(void)
{
	make_good();
	for (int i = 0; i < 2; i++) {
		file.ph[i].vaddr = file.ph[i].paddr;
		file.ph[i].paddr = 0;
	}
	assert(!plan_sized(sizeof(file)) && plan.segments[0].gpa == BASE);
	file.ph[1].paddr = BASE + 0x10000; /* it does fill them in */
	assert(refused("a segment does not lie in the guest's memory"));
	make_good();
	file.ph[0].vaddr = file.ph[1].vaddr = U64_C(0xffffffff81000000);
	assert(!plan_sized(sizeof(file)) && plan.segments[0].gpa == BASE);
}

static void test_too_many_segments(void)
{
	struct {
		struct elf64_header header;
		struct elf64_program_header ph[ELF_SEGMENTS_MAX + 1];
	} many;

	make_good();
	memset(&many, 0, sizeof(many));
	many.header = file.header;
	many.header.phoff = sizeof(many.header);
	many.header.phnum = ELF_SEGMENTS_MAX + 1;
	for (u64 i = 0; i <= ELF_SEGMENTS_MAX; i++)
		many.ph[i] = (struct elf64_program_header){ .type = ELF_PT_LOAD,
							    .paddr = BASE + i * 0x1000,
							    .memsz = 0x1000 };
	assert(plan_bytes(&many, sizeof(many)) == -E_INVAL);
	assert(!strcmp(why, "it has too many segments"));
}

static void test_notes(void)
{
	u32 entry = BASE;

	make_file();
	assert(refused("it has no PVH entry note"));
	add_pvh(BASE + 0x3000);
	assert(refused("its PVH entry is outside of the image"));
	make_file();
	add_note_bytes("Xen", 18, &entry, 3);
	assert(refused("its PVH note has a wrong size"));
	make_file();
	add_pvh(BASE);
	add_pvh(0xffffffff); /* the first one counts */
	add_note_bytes("Linux", 0x101, &entry, sizeof(entry));
	assert(!plan_sized(sizeof(file)) && plan.pvh_entry == BASE && plan.is_linux);
	make_file();
	add_pvh(0xffffffff);
	add_pvh(BASE);
	assert(refused("its PVH entry is outside of the image"));
	make_good();
	memset(file.notes + notes_used, 0xff, 16); /* rubbish behind it */
	file.ph[2].filesz += 16;
	assert(!plan_sized(sizeof(file)) && !plan.is_linux);
	make_good();
	file.ph[2].filesz = 0;
	file.ph[2].offset = ~U64_C(0);
	assert(refused("it has no PVH entry note"));
	make_good();
	file.ph[2].filesz--;
	assert(refused("a note is cut off"));
	make_good();
	memset(file.notes, 0xff, 8); /* sizes of 4 GiB */
	assert(refused("a note is cut off"));
	make_good();
	file.ph[2].filesz = sizeof(file);
	assert(refused("its notes are cut off"));
	make_good();
	file.ph[2].offset = ~U64_C(0) - 3;
	assert(refused("its notes are cut off"));
}

/* gABI: where the segment is aligned to 8, so are descriptors and notes. */
static void test_aligned_notes(void)
{
	make_file();
	add_note_bytes("GNU", 3, "abcd", 4);
	notes_used += 4;
	add_pvh(BASE + 4);
	assert(plan_sized(sizeof(file)) == -E_INVAL);
	file.ph[2].align = 8;
	assert(!plan_sized(sizeof(file)) && plan.pvh_entry == BASE + 4);
	make_file();
	add_note_bytes("GNU", 5, "0123456789abcdef", 16);
	add_pvh(BASE + 8);
	file.ph[2].align = 8;
	assert(!plan_sized(sizeof(file)) && plan.pvh_entry == BASE + 8);
}

/* The same as an ELF32 file with a multiboot header at @at. */
static struct {
	struct elf32_header header;
	struct elf32_program_header ph[2];
	u8 rest[MB1_SEARCH];
} file32;

static int plan32(u32 at, u32 flags)
{
	const struct mb1_image_header multiboot = { MB1_HEADER_MAGIC, flags,
						    -(MB1_HEADER_MAGIC + flags) };

	memset(&file32, 0, sizeof(file32));
	memcpy((u8 *)&file32 + at, &multiboot, sizeof(multiboot));
	file32.header = (struct elf32_header){ .magic = ELF_MAGIC,
					       .class = ELF_CLASS_32,
					       .data = ELF_DATA_LSB,
					       .type = ELF_TYPE_EXEC,
					       .machine = ELF_MACHINE_386,
					       .entry = BASE + 0x20,
					       .phoff = sizeof(file32.header),
					       .phentsize = 32,
					       .phnum = 2 };
	file32.ph[0] = (struct elf32_program_header){
		.type = ELF_PT_LOAD, .offset = 0x100, .paddr = BASE, .filesz = 64, .memsz = 0x1000
	};
	file32.ph[1] = (struct elf32_program_header){
		.type = ELF_PT_LOAD, .offset = ~0U, .paddr = BASE + 0x1000, .memsz = 0x1000
	};
	make_file();
	return plan_bytes(&file32, sizeof(file32));
}

static bool refused32(u32 at, u32 flags, const char *reason)
{
	int error = plan32(at, flags);

	return error == -E_INVAL && !strcmp(why, reason);
}

static void test_multiboot(void)
{
	const u32 at = sizeof(file32.header) + sizeof(file32.ph);

	assert(!plan32(at, 0) && plan.is_multiboot && plan.multiboot_entry == BASE + 0x20);
	assert(plan.segment_count == 2 && plan.segments[0].file_size == 64);
	assert(!plan32(MB1_SEARCH - 12, MB1_ALIGN_MODULES | MB1_WANTS_MEMORY));
	assert(refused32(MB1_SEARCH - 8, 0, "it is an ELF32 file without a multiboot header"));
	assert(refused32(at + 2, 0, "it is an ELF32 file without a multiboot header"));
	assert(refused32(at, 4, "its multiboot header asks for more than modules and memory"));
	assert(refused32(at, MB1_HAS_ADDRESSES, "its multiboot header has addresses of its own"));
	assert(!plan32(at, 0));
	file32.header.entry = BASE + 0x2000;
	assert(plan_bytes(&file32, sizeof(file32)) == -E_INVAL);
	assert(!strcmp(why, "its entry is outside of the image"));
	for (u64 size = 0; size < at + 12; size++)
		assert(plan_bytes(&file32, size) == -E_INVAL);
	file32.header.machine = ELF_MACHINE_X86_64;
	assert(plan_bytes(&file32, sizeof(file32)) == -E_INVAL);
}

static bool section_refused(u32 gpa, u32 size, u32 type, const char *reason)
{
	const struct launch_section section = { gpa, size, type };

	make_good();
	add_sections(&section, 1);
	return refused(reason);
}

static void test_sections(void)
{
	const u32 gpa = BASE + 0x10000;
	const struct launch_section twice[] = { { gpa, 0x2000, SEV_SECTION_SEC_MEM },
						{ gpa + 0x1000, 0x1000, SEV_SECTION_CPUID } };

	assert(section_refused(gpa + 8, 0x1000, 2, "a launch section is not made of whole pages"));
	assert(section_refused(gpa, 0x800, 2, "a launch section is not made of whole pages"));
	assert(section_refused(gpa, 0, 2, "a launch section is not made of whole pages"));
	assert(section_refused(gpa, 0x1000, 0, "a launch section has an unknown type"));
	assert(section_refused(gpa, 0x1000, 4, "a launch section has an unknown type"));
	assert(section_refused(gpa, 0x2000, 3, "a CPUID or secrets section is not one page"));
	assert(section_refused(gpa + 0x4000, 0x1000, 3,
			       "a launch section is outside of the image"));
	assert(section_refused(gpa, 0x5000, 1, "a launch section is outside of the image"));
	make_good();
	add_sections(twice, 2);
	assert(refused("two launch sections overlap"));
	make_good();
	add_note_bytes("Postern", 1, twice, 13);
	assert(refused("its launch note has a wrong size"));
}

static void test_ap_entry(void)
{
	const u32 good = BASE + 8, bad = BASE - 1;

	make_good();
	assert(!plan_bytes(&file, sizeof(file)) && !plan.ap_entry);
	add_note_bytes("Postern", 2, &good, sizeof(good));
	assert(!plan_bytes(&file, sizeof(file)) && plan.ap_entry == good);
	make_good();
	add_note_bytes("Postern", 2, &bad, sizeof(bad));
	assert(refused("its entry of other processors is outside of the image"));
	make_good();
	add_note_bytes("Postern", 2, &good, 3);
	assert(refused("its launch note has a wrong size"));
}

static void test_too_many_sections(void)
{
	struct launch_section sections[ELF_SECTIONS_MAX + 1];

	make_good();
	file.ph[1].memsz = 0x20000;
	for (u32 i = 0; i <= ELF_SECTIONS_MAX; i++)
		sections[i] = (struct launch_section){ BASE + 0x10000 + i * 0x1000, 0x1000,
						       SEV_SECTION_SEC_MEM };
	add_sections(sections, ELF_SECTIONS_MAX + 1);
	assert(refused("it has too many launch sections"));
}

int main(void)
{
	test_good();
	test_header();
	test_segments();
	test_too_many_segments();
	test_vaddr_only();
	test_notes();
	test_aligned_notes();
	test_multiboot();
	test_sections();
	test_ap_entry();
	test_too_many_sections();
	return 0;
}
