/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaving boot services, as an application and from multiboot2: a stale key means a new map and
 * another try, a bounded number of times; whatever is missing or fails becomes a sentence, and the
 * map that counts is the last one. A TD's words go into the firmware's log, once, and only where
 * it is one of a TD.
 * RUN: %unit-cc %s %root/early/measured_config.c %root/early/measured_record.c %root/lib/sha256.c \
 * RUN:   %root/lib/sha384.c -o %t
 */
#include "early/boot_efi.c"
#include "early/boot_efi_map.c"
#include "early/boot_efi_measure.c"
#undef SOURCE
#include "early/boot_efi_options.c"
#undef SOURCE
#include "early/boot_efi_tables.c"
#undef SOURCE
#define range_type range_type_multiboot2
#include "early/boot_multiboot2.c"
#undef range_type
#include "early/boot_info.c"
#include "early/boot_ranges.c"
#include "early/memory_map.c"
#include "early/fatal.h"
#include "early/tdcall.h"
#include "lib/spinlock.c"
#include "lib/format.c"

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define IMAGE_HANDLE 0x1234

static bool is_prepared, is_taken;
void efi_traps_prepare(void) { is_prepared = true; }
void efi_traps_take(void) { is_taken = is_prepared; }
struct entry_record entry_record;
const char __image_start[1], __image_end[1];

noreturn_t panic(const char *fmt, ...)
{
	puts(fmt);
	abort();
}

noreturn_t fatal(unsigned int reason, const char *fmt, ...)
{
	printf("%u: %s\n", reason, fmt);
	abort();
}

/* Extensions of RTMR 2 that are our own. */
static unsigned int own_extensions;

u64 tdcall(u64 leaf, struct tdx_module_args *args)
{
	assert(leaf == TDG_MR_RTMR_EXTEND && args->rdx == 2);
	own_extensions++;
	return 0;
}

const u8 launch_td_hob[TD_HOB_SIZE];
const struct snp_cpuid_page launch_cpuid_page;
struct snp_secrets_page launch_secrets_page;

int boot_fw_cfg_parse(const struct boot_ports *ports, bool need_map, struct boot_info *info,
		      struct memory_map *map, struct boot_error *error)
{
	(void)ports, (void)need_map, (void)info, (void)map, (void)error;
	abort();
}

int boot_td_hob_parse(const void *hob, size_t size, struct memory_map *map,
		      struct boot_error *error)
{
	(void)hob, (void)size, (void)map, (void)error;
	abort();
}

int boot_pvh_parse(u64 start_info, boot_read_t read, struct boot_info *info, struct memory_map *map,
		   struct boot_error *error)
{
	(void)start_info, (void)read, (void)info, (void)map, (void)error;
	abort();
}

static unsigned int stale_exits; /* so many times the key is stale */
static unsigned int maps, exits;
static u64 map_status;
static bool map_is_too_large; /* says a firmware that wrote beyond its end */

/* Each map is another: its one range ends further up. */
static u64 efi_api fake_get_memory_map(u64 *size, void *map, u64 *key, u64 *descriptor_size,
				       u32 *version)
{
	struct efi_memory_descriptor d = { EFI_CONVENTIONAL_MEMORY, 0, 0, 0, 0x1000 + ++maps, 0 };

	if (map_status)
		return map_status;
	assert(*size >= sizeof(d));
	if (map_is_too_large) {
		*size = sizeof(kept_map) + 1;
		return EFI_SUCCESS;
	}
	memcpy(map, &d, sizeof(d));
	*size = *descriptor_size = sizeof(d);
	*key = maps;
	*version = 1;
	return EFI_SUCCESS;
}

static u64 efi_api fake_exit_boot_services(u64 image_handle, u64 key)
{
	assert(image_handle == IMAGE_HANDLE && key == maps);
	return exits++ < stale_exits ? EFI_INVALID_PARAMETER : EFI_SUCCESS;
}

/* Firmware that would accept all memory for who does not say that he does it himself. */
static unsigned int lazy;
static bool has_acceptance;

static u64 efi_api fake_allow_unaccepted_memory(struct efi_memory_acceptance *self)
{
	assert(self->allow_unaccepted_memory == fake_allow_unaccepted_memory && !exits);
	lazy++;
	return EFI_SUCCESS;
}

static struct efi_memory_acceptance acceptance = { fake_allow_unaccepted_memory };

/* Firmware that keeps a log, of the kind of machine that it says. */
static bool has_log;
static u8 kind_of_log;
static u64 log_status;
static unsigned int logs;

static u64 efi_api fake_get_capability(struct efi_cc_measurement *self,
				       struct efi_cc_capability *capability)
{
	(void)self;
	assert(capability->size == 20 && !exits);
	capability->cc_type = kind_of_log;
	return EFI_SUCCESS;
}

static u64 efi_api fake_log(struct efi_cc_measurement *self, u64 flags, u64 data, u64 size,
			    const struct efi_cc_event *event)
{
	assert(self->hash_log_extend_event == fake_log && !flags && !exits);
	assert(size == strlen("a=b") && !memcmp((void *)(uintptr_t)data, "a=b", size));
	assert(event->size == 18 + size && event->header_size == 14 && event->header_version == 1);
	assert(event->register_index == 3 && event->type == 0xd);
	assert(!memcmp(event + 1, "a=b", size));
	logs++;
	return log_status;
}

static struct efi_cc_measurement measurement = {
	.get_capability = fake_get_capability,
	.hash_log_extend_event = fake_log,
};

static u64 efi_api fake_locate_protocol(const struct efi_guid *protocol, void *registration,
					void **interface)
{
	static const struct efi_guid guid = EFI_MEMORY_ACCEPTANCE_GUID,
				     log_guid = EFI_CC_MEASUREMENT_GUID;

	assert(!registration);
	if (!memcmp(protocol, &log_guid, sizeof(log_guid))) {
		*interface = has_log ? &measurement : NULL;
		return has_log ? EFI_SUCCESS : EFI_INVALID_PARAMETER;
	}
	assert(!memcmp(protocol, &guid, sizeof(guid)));
	*interface = has_acceptance ? &acceptance : NULL;
	return has_acceptance ? EFI_SUCCESS : EFI_INVALID_PARAMETER;
}

static u16 words[16];
static struct efi_loaded_image loaded;
static u64 image_status;

static u64 efi_api fake_handle_protocol(u64 handle, const struct efi_guid *protocol,
					void **interface)
{
	static const struct efi_guid guid = EFI_LOADED_IMAGE_GUID;

	assert(handle == IMAGE_HANDLE && !memcmp(protocol, &guid, sizeof(guid)));
	*interface = &loaded;
	return image_status;
}

static struct efi_boot_services services = {
	.get_memory_map = fake_get_memory_map,
	.handle_protocol = fake_handle_protocol,
	.exit_boot_services = fake_exit_boot_services,
	.locate_protocol = fake_locate_protocol,
};
static struct efi_system_table table = {
	.header.signature = EFI_SYSTEM_TABLE_SIGNATURE,
	.boot_services = &services,
};

struct pointer_tag {
	u32 type, size;
	u64 value;
};

/* The loader's memory lies low, where the guest would look for it. */
struct loader_tags {
	u32 total_size, reserved;
	struct pointer_tag efi64, image_handle;
	u32 end_type, end_size;
};
static struct loader_tags *loader;

static void begin(void)
{
	*loader = (typeof(*loader)){
		.total_size = sizeof(*loader),
		.efi64 = { MULTIBOOT_TAG_TYPE_EFI64, 16, (u64)(uintptr_t)&table },
		.image_handle = { MULTIBOOT_TAG_TYPE_EFI64_IH, 16, IMAGE_HANDLE },
		.end_type = MULTIBOOT_TAG_TYPE_END,
		.end_size = 8,
	};
	entry_record = (struct entry_record){
		.loader = ENTRY_LOADER_MULTIBOOT2_EFI64,
		.magic = MULTIBOOT2_BOOTLOADER_MAGIC,
		.info = (u64)(uintptr_t)loader,
	};
	memset(&boot_info, 0, sizeof(boot_info));
	memset(&boot_error, 0, sizeof(boot_error));
	table.header.signature = EFI_SYSTEM_TABLE_SIGNATURE;
	maps = exits = stale_exits = lazy = logs = own_extensions = 0;
	map_status = image_status = 0;
	has_acceptance = has_log = is_measured = false;
	log_status = EFI_SUCCESS;
}

static void expect(const char *sentence)
{
	const char *found;

	is_taken = false;
	efi_leave_boot_services();
	assert(is_taken);
	memory_map.count = 0;
	if (!boot_info_error())
		assert(!parse(&boot_info));
	found = boot_info_error();
	if (!sentence && !found)
		return;
	if (sentence && found && !strcmp(sentence, found))
		return;
	printf("\"%s\", not \"%s\"\n", found ? found : "", sentence ? sentence : "");
	exit(1);
}

static void expect_like(const char *words_of_it)
{
	efi_leave_boot_services();
	assert(strstr(boot_info_error(), words_of_it));
}

static void begin_application(const char *text)
{
	begin();
	entry_record = (struct entry_record){
		.loader = ENTRY_LOADER_EFI,
		.info = (u64)(uintptr_t)&table,
		.image_handle = IMAGE_HANDLE,
	};
	for (size_t i = 0; i <= strlen(text); i++)
		words[i] = (u8)text[i];
	loaded.load_options = (u64)(uintptr_t)words;
	loaded.load_options_size = (u32)(2 * (strlen(text) + 1));
}

static void test_application(void)
{
	begin_application("X.EFI a=b -- c");
	expect(NULL);
	assert(!strcmp(boot_info.cmdline, "a=b -- c") && !strcmp(boot_info.loader, "efi"));
	assert(maps == 1 && exits == 1 && !lazy && memory_map.ranges[0].size == 0x1001000);

	begin_application("a");
	has_acceptance = true;
	expect(NULL);
	assert(lazy == 1 && !strcmp(boot_info.cmdline, "a"));

	begin_application("");
	loaded.load_options = 0;
	expect(NULL);
	assert(!boot_info.cmdline[0]);

	begin_application("");
	loaded.load_options_size = 4 * BOOT_CMDLINE_MAX + 2;
	expect("efi load options: 4098 bytes are more than 4096");
	assert(!exits);

	begin_application("");
	loaded.load_options = ~U64_C(0);
	expect("efi load options: 0xffffffffffffffff is not readable");
	assert(!exits);

	begin_application("");
	image_status = EFI_INVALID_PARAMETER;
	expect("efi loaded image: status 0x8000000000000002");
	assert(!exits);

	begin_application("");
	table.header.signature = 1;
	expect_like("efi system table: ");
	assert(!exits);
}

/* Firmware's log, if it has one for a TD, or an extension of our own: one of them. */
static void expect_measured(u8 kind, u64 status, const char *sentence, unsigned int by_firmware,
			    unsigned int by_us)
{
	begin_application("a=b");
	entry_record.tdx = 1;
	has_log = true;
	kind_of_log = kind;
	log_status = status;
	expect(sentence);
	if (!sentence)
		finish(0);
	assert(logs == by_firmware && own_extensions == by_us && exits == !sentence);
}

static void test_log(void)
{
	expect_measured(EFI_CC_TYPE_TDX, EFI_SUCCESS, NULL, 1, 0);
	expect_measured(EFI_CC_TYPE_TDX, EFI_VOLUME_FULL, NULL, 1, 0);
	expect_measured(1, EFI_SUCCESS, NULL, 0, 1);
	expect_measured(EFI_CC_TYPE_TDX, EFI_INVALID_PARAMETER,
			"efi HashLogExtendEvent: status 0x8000000000000002", 1, 0);
}

int main(void)
{
	loader = mmap((void *)0x10000000, PAGE_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	assert(loader != MAP_FAILED);

	begin();
	expect(NULL);
	assert(maps == 1 && exits == 1 && memory_map.ranges[0].size == 0x1001000);

	begin();
	stale_exits = 2;
	expect(NULL);
	assert(maps == 3 && exits == 3 && memory_map.ranges[0].size == 0x1003000);

	begin();
	stale_exits = 100;
	expect("efi ExitBootServices: status 0x8000000000000002 after 4 tries");

	begin();
	map_status = EFI_BUFFER_TOO_SMALL;
	expect("efi GetMemoryMap: status 0x8000000000000005");
	assert(!exits);

	begin();
	map_is_too_large = true;
	expect("efi GetMemoryMap: 32769 bytes in 32768");
	assert(!exits);
	map_is_too_large = false;

	begin();
	loader->efi64.type = 99;
	expect("multiboot2 tag efi64: missing");
	begin();
	loader->image_handle.type = 99;
	expect("multiboot2 tag efi64_ih: missing");
	begin();
	table.header.signature = 1;
	loader->efi64.value = (u64)(uintptr_t)&table;
	expect_like("efi system table: ");
	begin();
	entry_record.magic = 0;
	expect("multiboot2 magic: 0x0 is not 0x36d76289");
	assert(!maps);
	test_application();
	test_log();
	return 0;
}
