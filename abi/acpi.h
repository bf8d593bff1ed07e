/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few ACPI tables that tell of processors. C and assembly.
 * Spec: ACPI 6.5, 5.2.5 (RSDP), 5.2.6 (header), 5.2.9 (FADT), 5.2.12 (MADT).
 */
#pragma once

#include "abi/bits.h"

#define ACPI_RSDP_SIGNATURE "RSD PTR "
#define ACPI_RSDP_V1_SIZE   20
#define ACPI_XSDT_SIGNATURE "XSDT"
#define ACPI_FADT_SIGNATURE "FACP"
#define ACPI_DSDT_SIGNATURE "DSDT"
#define ACPI_MADT_SIGNATURE "APIC"

/* MADT entries, 5.2.12.2, .12, .19 */
#define MADT_LOCAL_APIC   0x00
#define MADT_LOCAL_X2APIC 0x09
#define MADT_WAKEUP       0x10
#define MADT_ENABLED      0x1

/* The wake-up mailbox, 5.2.12.19: command 1 makes the processor with the APIC id jump */
#define MAILBOX_COMMAND        0x0
#define MAILBOX_COMMAND_NOOP   0
#define MAILBOX_COMMAND_WAKEUP 1
#define MAILBOX_APIC_ID        0x4
#define MAILBOX_VECTOR         0x8

#ifndef __ASSEMBLER__
struct __attribute__((packed)) acpi_rsdp {
	char signature[8];
	u8 checksum; /* of the first 20 bytes */
	char oem_id[6];
	u8 revision; /* 2 and up: with what follows rsdt */
	u32 rsdt;
	u32 length;
	u64 xsdt;
	u8 extended_checksum;
	u8 reserved[3];
};
ABI_SIZE(struct acpi_rsdp, 36);
ABI_OFFSET(struct acpi_rsdp, rsdt, 16);
ABI_OFFSET(struct acpi_rsdp, xsdt, 24);

struct __attribute__((packed)) acpi_header {
	char signature[4];
	u32 length;
	u8 revision;
	u8 checksum; /* of all @length bytes */
	char oem_id[6];
	char oem_table_id[8];
	u32 oem_revision;
	u32 creator_id;
	u32 creator_revision;
};
ABI_SIZE(struct acpi_header, 36);

/* The fields that a machine without fixed hardware has. */
struct __attribute__((packed)) acpi_fadt {
	struct acpi_header header;
	u32 firmware_control;
	u32 dsdt;
	u8 fixed_0x2c[68];
	u32 flags;
	u8 reset_0x74[15];
	u8 minor_revision;
	u64 x_firmware_control;
	u64 x_dsdt;
	u8 fixed_0x94[120];
	u64 hypervisor_vendor;
};
ABI_SIZE(struct acpi_fadt, 276);
ABI_OFFSET(struct acpi_fadt, flags, 112);
ABI_OFFSET(struct acpi_fadt, x_dsdt, 140);
#define FADT_HW_REDUCED_ACPI (1U << 20)

struct __attribute__((packed)) acpi_madt {
	struct acpi_header header;
	u32 local_apic;
	u32 flags;
};
ABI_SIZE(struct acpi_madt, 44);

struct madt_local_apic {
	u8 type;
	u8 length;
	u8 processor;
	u8 apic_id;
	u32 flags;
};
ABI_SIZE(struct madt_local_apic, 8);

struct madt_local_x2apic {
	u8 type;
	u8 length;
	u16 reserved;
	u32 apic_id;
	u32 flags;
	u32 processor;
};
ABI_SIZE(struct madt_local_x2apic, 16);

struct madt_wakeup {
	u8 type;
	u8 length;
	u16 version;
	u32 reserved;
	u64 mailbox;
};
ABI_SIZE(struct madt_wakeup, 16);

struct acpi_mailbox {
	u16 command;
	u16 reserved;
	u32 apic_id;
	u64 vector;
	u8 os[2048 - 16];
	u8 firmware[2048];
};
ABI_SIZE(struct acpi_mailbox, PAGE_SIZE);
ABI_OFFSET(struct acpi_mailbox, command, MAILBOX_COMMAND);
ABI_OFFSET(struct acpi_mailbox, apic_id, MAILBOX_APIC_ID);
ABI_OFFSET(struct acpi_mailbox, vector, MAILBOX_VECTOR);
ABI_OFFSET(struct acpi_mailbox, firmware, 2048);
#endif
