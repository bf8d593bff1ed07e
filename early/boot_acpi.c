/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the RSDP to the MADT's processors. Every table is read once, bounded, and its checksum is
 * true, or it is refused by name.
 * Spec: ACPI 5.2.5 to 5.2.8, 5.2.12.
 */
#include "abi/acpi.h"
#include "early/boot_parse.h"
#include "lib/string.h"

#define SOURCE        "acpi"
#define TABLES_MAX    64
#define MADT_SIZE_MAX 0x4000
#define ROOT_SIZE_MAX (sizeof(struct acpi_header) + TABLES_MAX * sizeof(u64))

static bool sums_to_zero(const void *table, size_t size)
{
	const u8 *bytes = table;
	u8 sum = 0;

	for (size_t i = 0; i < size; i++)
		sum = (u8)(sum + bytes[i]);
	return !sum;
}

static int read_rsdp(u64 address, boot_read_t read, struct acpi_rsdp *rsdp,
		     struct boot_error *error)
{
	memset(rsdp, 0, sizeof(*rsdp));
	if (read(address, rsdp, ACPI_RSDP_V1_SIZE))
		return boot_refuse(error, SOURCE " RSDP: %#lx is not readable", address);
	if (memcmp(rsdp->signature, ACPI_RSDP_SIGNATURE, sizeof(rsdp->signature)) ||
	    !sums_to_zero(rsdp, ACPI_RSDP_V1_SIZE))
		return boot_refuse(error, SOURCE " RSDP: %#lx has none", address);
	if (rsdp->revision < 2)
		return 0;
	if (read(address, rsdp, sizeof(*rsdp)) || rsdp->revision < 2 ||
	    !sums_to_zero(rsdp, sizeof(*rsdp)))
		return boot_refuse(error, SOURCE " RSDP: its second part is wrong");
	return 0;
}

/* A whole table of at most @max bytes. */
static int read_table(u64 address, boot_read_t read, void *to, size_t max, const char *name,
		      struct boot_error *error)
{
	struct acpi_header *header = to;
	u32 length;

	if (read(address, header, sizeof(*header)))
		return boot_refuse(error, SOURCE " %s: %#lx is not readable", name, address);
	length = header->length;
	if (length < sizeof(*header) || length > max)
		return boot_refuse(error, SOURCE " %s: length %u is not %zu to %zu", name, length,
				   sizeof(*header), max);
	if (read(address, to, length))
		return boot_refuse(error, SOURCE " %s: %#lx is not readable", name, address);
	if (header->length != length || !sums_to_zero(to, length))
		return boot_refuse(error, SOURCE " %s: its checksum is wrong", name);
	return 0;
}

static int add(struct boot_cpus *cpus, u32 apic_id, struct boot_error *error)
{
	for (u32 i = 0; i < cpus->count; i++)
		if (cpus->apic_ids[i] == apic_id)
			return boot_refuse(error, SOURCE " MADT: APIC id %u comes twice", apic_id);
	if (cpus->count == CPU_MAX)
		cpus->left_out++;
	else
		cpus->apic_ids[cpus->count++] = apic_id;
	return 0;
}

static const u8 entry_sizes[] = {
	[MADT_LOCAL_APIC] = sizeof(struct madt_local_apic),
	[MADT_LOCAL_X2APIC] = sizeof(struct madt_local_x2apic),
	[MADT_WAKEUP] = sizeof(struct madt_wakeup),
};

static int take_entry(const u8 *entry, struct boot_cpus *cpus, struct boot_error *error)
{
	struct madt_local_apic apic;
	struct madt_local_x2apic x2apic;
	struct madt_wakeup wakeup;

	if (entry[0] < sizeof(entry_sizes) && entry_sizes[entry[0]] &&
	    entry[1] < entry_sizes[entry[0]])
		return boot_refuse(error, SOURCE " MADT: an entry of type %u has %u bytes",
				   entry[0], entry[1]);
	switch (entry[0]) {
	case MADT_LOCAL_APIC:
		memcpy(&apic, entry, sizeof(apic));
		return apic.flags & MADT_ENABLED ? add(cpus, apic.apic_id, error) : 0;
	case MADT_LOCAL_X2APIC:
		memcpy(&x2apic, entry, sizeof(x2apic));
		return x2apic.flags & MADT_ENABLED ? add(cpus, x2apic.apic_id, error) : 0;
	case MADT_WAKEUP:
		memcpy(&wakeup, entry, sizeof(wakeup));
		cpus->mailbox = wakeup.mailbox;
		return 0;
	default: return 0;
	}
}

static int parse_madt(const u8 *madt, u32 length, struct boot_cpus *cpus, struct boot_error *error)
{
	for (u32 at = sizeof(struct acpi_madt); at < length; at += madt[at + 1]) {
		int err;

		if (length - at < 2 || madt[at + 1] < 2 || madt[at + 1] > length - at)
			return boot_refuse(error, SOURCE " MADT: the entry at %u does not fit", at);
		err = take_entry(madt + at, cpus, error);
		if (err)
			return err;
	}
	return 0;
}

static int find_madt(const u8 *root, bool extended, boot_read_t read, u64 *madt)
{
	struct acpi_header header;
	u32 length;
	size_t size = extended ? sizeof(u64) : sizeof(u32);

	memcpy(&header, root, sizeof(header));
	length = header.length;
	for (u32 at = sizeof(header); at + size <= length; at += size) {
		u64 address = 0;

		memcpy(&address, root + at, size);
		if (!read(address, &header, sizeof(header)) &&
		    !memcmp(header.signature, ACPI_MADT_SIGNATURE, sizeof(header.signature))) {
			*madt = address;
			return 0;
		}
	}
	return -E_INVAL;
}

int boot_acpi_parse(u64 rsdp_address, boot_read_t read, struct boot_cpus *cpus,
		    struct boot_error *error)
{
	static union {
		struct acpi_header header;
		u8 bytes[MADT_SIZE_MAX];
	} table;
	struct acpi_rsdp rsdp;
	bool extended;
	u64 madt;
	int err = read_rsdp(rsdp_address, read, &rsdp, error);

	memset(cpus, 0, sizeof(*cpus));
	if (err)
		return err;
	extended = rsdp.revision >= 2 && rsdp.xsdt;
	err = read_table(extended ? rsdp.xsdt : rsdp.rsdt, read, &table, ROOT_SIZE_MAX,
			 extended ? "XSDT" : "RSDT", error);
	if (err)
		return err;
	if (find_madt(table.bytes, extended, read, &madt))
		return boot_refuse(error, SOURCE ": there is no MADT");
	err = read_table(madt, read, &table, sizeof(table), "MADT", error);
	if (err)
		return err;
	if (memcmp(table.header.signature, ACPI_MADT_SIGNATURE, sizeof(table.header.signature)))
		return boot_refuse(error, SOURCE " MADT: it changed while it was read");
	err = parse_madt(table.bytes, table.header.length, cpus, error);
	if (err)
		memset(cpus, 0, sizeof(*cpus));
	return err;
}
