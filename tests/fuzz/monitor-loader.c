/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing that a loader hands over, however wrong, makes the monitor read outside of it or keep
 * what is no text, no map and no number: multiboot2's tags, and the command line's words. The input
 * is a list of pieces; the first byte says of which kind. A long run: as in model-rmp.c.
 *
 * RUN: clang @%build/lists/flags-native -fsanitize=fuzzer %s -o %t
 * RUN: %t -seed=1 -runs=60000 -max_len=512 -len_control=0 -artifact_prefix=%t- 2>&1
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../model/memmap.c"
#include "../../model/transcript.c"
#include "../../monitor/machine/machine.c"
#include "../../monitor/machine/options.c"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

u8 monitor_start[1], monitor_end[1];

void memory_init(const struct memmap *map) { (void)map; }
void log_error(const char *fmt, ...) { (void)fmt; }
size_t format(char *buf, size_t size, const char *fmt, ...)
{
	(void)buf, (void)size, (void)fmt;
	return 0;
}
size_t vformat(char *buf, size_t size, const char *fmt, va_list args)
{
	(void)buf, (void)size, (void)fmt, (void)args;
	return 0;
}

struct input {
	const u8 *data;
	size_t left;
};

static u32 take(struct input *in, size_t count)
{
	u32 value = 0;

	if (count > in->left)
		count = in->left;
	memcpy(&value, in->data, count);
	in->data += count;
	in->left -= count;
	return value;
}

/* A tag as a loader makes it, whose size may then be wrong by a little, or by much. */
static size_t put_tag(u8 *to, size_t room, struct input *in)
{
	static const u8 types[] = { MULTIBOOT_TAG_TYPE_CMDLINE,  MULTIBOOT_TAG_TYPE_MODULE,
				    MULTIBOOT_TAG_TYPE_MMAP,     MULTIBOOT_TAG_TYPE_ACPI_NEW,
				    MULTIBOOT_TAG_TYPE_ACPI_OLD, MULTIBOOT_TAG_TYPE_FRAMEBUFFER };
	struct multiboot_tag tag = { .type = types[take(in, 1) % array_count(types)] };
	size_t count = take(in, 1) % 96;

	if (count > in->left)
		count = in->left;
	if (sizeof(tag) + count + MULTIBOOT_TAG_ALIGN > room)
		return 0;
	tag.size = (u32)(sizeof(tag) + count);
	switch (take(in, 1)) {
	case 0: tag.size += take(in, 1) % 16; break;
	case 1: tag.size -= take(in, 1) % 16; break;
	case 2: tag.size = take(in, 4); break;
	default: break;
	}
	if (count > in->left)
		count = in->left;
	memcpy(to, &tag, sizeof(tag));
	memcpy(to + sizeof(tag), in->data, count);
	in->data += count;
	in->left -= count;
	return align_up(sizeof(tag) + count, (size_t)MULTIBOOT_TAG_ALIGN);
}

static void check(const struct machine *m)
{
	assert(m->module_count <= MACHINE_MODULE_MAX && m->rsdp_size <= MACHINE_RSDP_SIZE);
	assert(strnlen(m->cmdline, sizeof(m->cmdline)) < sizeof(m->cmdline));
	for (unsigned int i = 0; i < m->module_count; i++)
		assert(strnlen(m->modules[i].name, sizeof(m->modules[i].name)) <
		       sizeof(m->modules[i].name));
	assert(m->map.count <= MEMMAP_MAX);
	for (unsigned int i = 0; i < m->map.count; i++) {
		const struct hvm_memmap_entry *e = &m->map.entries[i];

		assert(e->size && e->addr + e->size - 1 >= e->addr);
		assert(!i || e->addr - e[-1].addr >= e[-1].size);
	}
}

/* In memory that is as long as the loader says, or as what it says. */
static void try_tags(struct input *in)
{
	static struct machine machine;
	static _Alignas(8) u8 tags[2048];
	u32 total = 8, said = take(in, 1);
	u8 *info;

	while (in->left > 3) {
		size_t size = put_tag(tags + total, sizeof(tags) - total, in);

		if (!size)
			break;
		total += (u32)size;
	}
	said = total - (said < 16 ? said % (total - 7) : 0);
	memcpy(tags, &said, sizeof(said));
	info = malloc(total);
	assert(info);
	memcpy(info, tags, total);
	memset(&machine, 0, sizeof(machine));
	memmap_init(&machine.map);
	if (!read_multiboot2(&machine, (u64)(uintptr_t)info))
		check(&machine);
	free(info);
}

/* Words that there are, bent by what else is in the input. */
static void try_words(struct input *in)
{
	static const char *const words[] = {
		"trace",
		"quiet",
		"platform=snp",
		"trace=npf,msr",
		"inject=tdx-busy:3",
		"inject=event:",
		"lenient=touch",
		"pages=2m",
		"/boot/monitor.elf",
		"--",
		"lie=td-r11/cpuid@3x2=^0x80",
		"tsc=own",
		"strict=map-gpa",
		" ",
		"trace=",
		"platform=",
		"inject=",
		"intercept=rdtsc",
	};
	static struct options options;
	char text[512], *line;
	size_t length = 0;

	while (in->left && length < sizeof(text) - 64) {
		u32 what = take(in, 1);
		const char *word = words[what % array_count(words)];

		memcpy(text + length, word, strlen(word));
		length += strlen(word);
		if (what & 0x40 && length)
			length--;
		if (what & 0x80)
			text[length++] = (char)take(in, 1);
		text[length++] = what & 0x20 ? (char)take(in, 1) : ' ';
	}
	line = malloc(length + 1);
	assert(line);
	memcpy(line, text, length);
	line[length] = 0;
	if (!options_parse(&options, line)) {
		assert(strnlen(options.platform, sizeof(options.platform)) <
		       sizeof(options.platform));
		for (unsigned int i = 0; i < INJECT_COUNT; i++)
			assert(options.inject[i] >= -1 && options.inject[i] <= 999999);
		assert(strlen(options.guest_cmdline) <= length);
	}
	free(line);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };

	if (take(&in, 1) & 1)
		try_words(&in);
	else
		try_tags(&in);
	return 0;
}
