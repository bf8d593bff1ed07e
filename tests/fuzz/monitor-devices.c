/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a guest asks of what is played for it: an item of fw_cfg gives its own bytes, in order,
 * and then zeroes; no entry of an APIC's local vector table lets through a mode that is not the
 * guest's; the value that an MSR takes it takes again, as it is. A long run: as in model-rmp.c.
 *
 * RUN: clang @%build/lists/flags-native -fsanitize=fuzzer %s -o %t
 * RUN: %t -seed=1 -runs=60000 -max_len=512 -len_control=0 -artifact_prefix=%t- 2>&1
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#define append memmap_append
#include "../../model/memmap.c"
#undef append
#include "../../monitor/hardware/msr_value.c"
#include "../../monitor/host/fw_cfg_device.c"
#include "../../monitor/svm/apic_reg.c"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static const char cmdline[] = "-- hello";

struct operation {
	u8 what;
	u8 small;
	u16 key;
	u64 value;
};

/* What a guest is to find in item @key; *size 0: nothing, or the machine's. */
static const u8 *expected(const struct fw_cfg_device *d, u16 key, u32 *size)
{
	static const u8 interface[4] = { 3 };
	const u32 count = __builtin_bswap32(d->directory.count);

	*size = 4;
	if (key == 0)
		return (const u8 *)"QEMU";
	if (key == 1)
		return interface;
	*size = 4 + count * (u32)sizeof(struct fw_cfg_entry);
	if (key == 0x19)
		return (const u8 *)&d->directory;
	*size = sizeof(cmdline) - 1;
	if (key == __builtin_bswap16(d->directory.files[1].key))
		return (const u8 *)cmdline;
	*size = __builtin_bswap32(d->directory.files[0].size);
	if (key == __builtin_bswap16(d->directory.files[0].key))
		return (const u8 *)d->map;
	*size = sizeof(d->ram_size);
	if (key == 3)
		return (const u8 *)&d->ram_size;
	*size = 2;
	if (key == 5 || key == 15)
		return (const u8 *)&d->cpu_count;
	*size = 0;
	return NULL;
}

/* A reader that knows how far it has come. */
struct reader {
	struct fw_cfg_device *device;
	u16 key;
	u64 at;
};

static void read_some(struct reader *r, unsigned int count)
{
	u32 size;
	const u8 *bytes = expected(r->device, r->key, &size);

	for (unsigned int i = 0; i < count; i++) {
		u8 byte = fw_cfg_device_next(r->device);

		assert(byte == (r->at < size ? bytes[r->at] : 0));
		if (r->at < size)
			r->at++;
	}
}

static void add_file(struct fw_cfg_device *d, const struct operation *op)
{
	static const char *const names[] = { "etc/acpi/tables", "opt/postern/guest", "etc/e820",
					     "bootorder" };
	u32 before = __builtin_bswap32(d->directory.count);
	const char *name = names[op->small % array_count(names)];
	struct fw_cfg_entry entry = {
		.size = (u32)op->value,
		.key = __builtin_bswap16((u16)(0x20 + op->key % 0x100)),
	};
	bool is_kept = op->small % array_count(names) != 1 && op->small % array_count(names) != 2 &&
		       before < FW_CFG_DEVICE_FILES;

	memcpy(entry.name, name, strlen(name));
	fw_cfg_device_add(d, &entry);
	assert(__builtin_bswap32(d->directory.count) == before + is_kept);
	assert(!is_kept || !memcmp(&d->directory.files[before], &entry, sizeof(entry)));
}

static void do_fw_cfg(struct reader *r, const struct operation *op)
{
	static const u16 keys[] = { 0, 1, 5, 15, 0x19, 0x3f0, 0x3f1, 0x20 };

	switch (op->what % 4) {
	case 0:
		r->key = op->small & 1 ? op->key : keys[op->key % array_count(keys)];
		r->at = 0;
		fw_cfg_device_select(r->device, r->key);
		break;
	case 1: read_some(r, op->small); break;
	case 2:
		fw_cfg_device_skip(r->device, (u32)op->value);
		r->at += (u32)op->value;
		if (r->at > UINT32_MAX)
			r->at = UINT32_MAX;
		break;
	default: add_file(r->device, op);
	}
}

static void do_apic(const struct operation *op)
{
	u32 offset = APIC_LVT_TIMER + op->small % 6 * 0x10, value;
	unsigned int mode;

	if (x2apic_is_writable(op->key & 0xfff, op->value))
		assert(apic_is_access(op->key & 0xff0, 4));
	(void)x2apic_is_readable(op->key);
	value = apic_lvt(offset, (u32)op->value);
	mode = value >> 8 & 7;
	assert(value & APIC_LVT_MASKED || mode <= 1 || mode == 4 || mode == 7);
	assert(mode != 4 || offset != APIC_LVT_TIMER);
	assert(apic_lvt(offset, value) == value);
	assert(!((value ^ (u32)op->value) & value & ~APIC_LVT_MASKED)); /* no bit of ours */
}

static void do_msr(const struct operation *op)
{
	static const u32 msrs[] = {
		0x200, 0x20f, 0x250, 0x26f, 0x2ff, 0x277, 0xc0000103, 0xc0010015
	};
	u32 msr = op->small & 1 ? op->key : msrs[op->small / 2 % array_count(msrs)];
	u64 value = op->value, again;

	if (!msr_value_take(msr, 48, &value))
		return;
	again = value;
	assert(!(value & ~op->value) && msr_value_take(msr, 48, &again) && again == value);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct fw_cfg_device device;
	struct reader reader = { .device = &device };
	struct memmap map;

	memmap_init(&map);
	assert(!memmap_set(&map, 0, 0xa0000, HVM_MEMMAP_RAM) &&
	       !memmap_set(&map, 0x100000, 0xff00000, HVM_MEMMAP_RAM));
	fw_cfg_device_init(&device, &map, cmdline, 3);
	for (; size >= sizeof(struct operation); size -= sizeof(struct operation)) {
		struct operation op;

		memcpy(&op, data, sizeof(op));
		data += sizeof(op);
		do_fw_cfg(&reader, &op);
		do_apic(&op);
		do_msr(&op);
	}
	return 0;
}
