/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processors and the mailbox that ACPI's tables name are found through either root, and each
 * thing that can be wrong with a table is refused by name.
 * RUN: %unit-cc %s -o %t
 */
#include "early/boot_acpi.c"

#include "Inputs/boot.h"

#include "Inputs/acpi.h"

static struct boot_cpus cpus;

static int parse(void) { return boot_acpi_parse(AT_RSDP, read_memory, &cpus, &error); }

static void good(void)
{
	const struct madt_wakeup wakeup = { .type = MADT_WAKEUP,
					    .length = sizeof(wakeup),
					    .mailbox = 0x80000 };
	const u8 unknown[] = { 0x42, 3, 0 };

	reset_info();
	memset(&cpus, 0xa5, sizeof(cpus));
	put_tables();
	add_apic(0, MADT_ENABLED);
	add_apic(7, 0);
	add_entry(unknown, sizeof(unknown));
	add_x2apic(0x12345);
	add_entry(&wakeup, sizeof(wakeup));
}

static void expect_good(void)
{
	expect(parse(), NULL);
	assert(cpus.count == 2 && !cpus.left_out && cpus.mailbox == 0x80000);
	assert(cpus.apic_ids[0] == 0 && cpus.apic_ids[1] == 0x12345);
}

static struct acpi_rsdp *rsdp(void) { return memory_at(AT_RSDP); }

static void test_roots(void)
{
	good();
	expect_good();
	good();
	rsdp()->rsdt = 1; /* not looked at */
	sign_rsdp();
	expect_good();
	good();
	rsdp()->revision = 0;
	rsdp()->xsdt = 1;
	sign_rsdp();
	expect_good();
	good();
	rsdp()->xsdt = 0;
	sign_rsdp();
	expect_good();
}

static void test_many(void)
{
	good();
	for (u8 i = 0; i < CPU_MAX; i++)
		add_apic((u8)(0x80 + i), MADT_ENABLED);
	expect(parse(), NULL);
	assert(cpus.count == CPU_MAX && cpus.left_out == 2);
	put_tables();
	expect(parse(), NULL);
	assert(!cpus.count && !cpus.mailbox);
}

/* A table whose header changes between the two reads, so that its checksum stays right. */
static int read_changing(u64 address, void *to, size_t size)
{
	struct acpi_header *header = to;
	int err = read_memory(address, to, size);

	if (address == AT_MADT && size > sizeof(*header)) {
		header->length++;
		header->checksum--;
	}
	return err;
}

/* A table that is the MADT when it is looked for, and another one, whole, when it is read. */
static int read_another(u64 address, void *to, size_t size)
{
	struct acpi_header *header = to;
	int err = read_memory(address, to, size);

	if (address == AT_MADT && size > sizeof(*header)) {
		header->signature[0]++;
		header->checksum--;
	}
	return err;
}

static void test_changing(void)
{
	good();
	expect(boot_acpi_parse(AT_RSDP, read_changing, &cpus, &error),
	       "acpi MADT: its checksum is wrong");
	assert(!cpus.count && !cpus.mailbox);
	good();
	expect(boot_acpi_parse(AT_RSDP, read_another, &cpus, &error),
	       "acpi MADT: it changed while it was read");
	assert(!cpus.count && !cpus.mailbox);
}

#define REFUSED(change, sentence)                                                                  \
	do {                                                                                       \
		good();                                                                            \
		change;                                                                            \
		expect(parse(), sentence);                                                         \
		assert(!cpus.count && !cpus.mailbox);                                              \
	} while (0)

static void set_length(u64 at, u32 length)
{
	((struct acpi_header *)memory_at(at))->length = length;
	if (length <= 0x1000)
		sign(at);
}

static u8 *entry_at(u32 offset) { return (u8 *)memory_at(AT_MADT) + offset; }

static void set_byte(u8 *byte, u8 value)
{
	*byte = value;
	sign(AT_MADT);
}

static void move_xsdt(u64 address)
{
	rsdp()->xsdt = address;
	sign_rsdp();
}

static void move_madt(u64 address)
{
	memcpy((u8 *)memory_at(AT_XSDT) + 44, &address, sizeof(address));
	sign(AT_XSDT);
}

int main(void)
{
	test_roots();
	test_many();
	test_changing();
	REFUSED(rsdp()->signature[0] = 'r', "acpi RSDP: 0x9010 has none");
	REFUSED(rsdp()->rsdt++, "acpi RSDP: 0x9010 has none");
	REFUSED(rsdp()->xsdt++, "acpi RSDP: its second part is wrong");
	REFUSED(move_xsdt(0x1000), "acpi XSDT: 0x1000 is not readable");
	REFUSED(set_length(AT_XSDT, 35), "acpi XSDT: length 35 is not 36 to 548");
	REFUSED(set_length(AT_XSDT, 549), "acpi XSDT: length 549 is not 36 to 548");
	REFUSED(((u8 *)memory_at(AT_XSDT))[8]++, "acpi XSDT: its checksum is wrong");
	REFUSED(move_madt(AT_FADT), "acpi: there is no MADT");
	REFUSED(move_madt(~U64_C(0)), "acpi: there is no MADT");
	REFUSED(set_length(AT_MADT, 0x4001), "acpi MADT: length 16385 is not 36 to 16384");
	REFUSED(set_length(AT_MADT, 0x4000), "acpi MADT: 0xa000 is not readable");
	REFUSED(entry_at(44)[3]++, "acpi MADT: its checksum is wrong");
	REFUSED(add_apic(0, MADT_ENABLED), "acpi MADT: APIC id 0 comes twice");
	REFUSED(add_x2apic(0), "acpi MADT: APIC id 0 comes twice");
	REFUSED(add_entry("\0", 1), "acpi MADT: the entry at 95 does not fit");
	REFUSED(add_entry("\x42\1", 2), "acpi MADT: the entry at 95 does not fit");
	REFUSED(add_entry("\x42\3", 2), "acpi MADT: the entry at 95 does not fit");
	REFUSED(add_entry("\0\7......", 7), "acpi MADT: an entry of type 0 has 7 bytes");
	REFUSED(add_entry("\x9\xf.............", 15), "acpi MADT: an entry of type 9 has 15 bytes");
	REFUSED(set_byte(entry_at(80), 15), "acpi MADT: an entry of type 16 has 15 bytes");
	return failures != 0;
}
