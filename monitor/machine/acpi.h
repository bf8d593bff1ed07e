/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The little that the monitor needs of ACPI: where the tables lie, and the port by which the guest
 * powers the machine off. Spec: ACPI 6.5, 5.2.5 (RSDP), 5.2.9 (FADT), 4.8.3.2.1 (PM1_CNT).
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"

#define PM1_CNT_SLP_EN         BIT(13)
#define PM1_CNT_SLP_TYP(value) (((value) >> 10) & 7)

struct acpi {
	u64 rsdp;   /* 0: none */
	u64 madt;   /* 0: none */
	u64 tables; /* address of the RSDT; 0: no ACPI */
	u8 enable;  /* what firmware's SMI port would be told to switch ACPI on, and off */
	u8 disable;
	u16 pm_timer; /* port; 0: none */
};

/*
 * Makes the MADT that @acpi found name @apic_id as the only usable processor: the others are the
 * monitor's.
 */
void acpi_hide_processors(const struct acpi *acpi, u32 apic_id);

/*
 * Copies the MADT to @page, of @size bytes, adds an entry for the wake-up mailbox at @mailbox, and
 * has the guest find the copy. -E_NOSPC: it does not fit. Without a MADT there is nothing to do.
 */
must_check int acpi_add_wakeup(struct acpi *acpi, void *page, u32 size, u64 mailbox);

/* Takes the tables with @signature out of the lists: what they describe the guest has not. */
void acpi_hide(const struct acpi *acpi, const char signature[4]);

/*
 * In the lists, the table with @signature becomes the one at @address. -E_NOENT: there is none.
 */
must_check int acpi_replace(const struct acpi *acpi, const char signature[4], u64 address);

/* Reads the tables from @rsdp (0: none) on. */
void acpi_read(struct acpi *acpi, u64 rsdp);
