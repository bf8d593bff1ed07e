/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables by which a guest finds its processors, and that there is nothing else: RSDP, XSDT,
 * FADT (reduced hardware), DSDT (empty), MADT.
 * Spec: ACPI 5.2.5, 5.2.8, 5.2.9, 5.2.11.1, 5.2.12.
 */
#pragma once

#include "host/why.h"
#include "abi/bits.h"

/*
 * Writes them into @buffer, which the guest has at @gpa; the RSDP comes first. Processor i has APIC
 * id i. 0, or -E_NOSPC.
 */
must_check int acpi_build(unsigned int processors, void *buffer, u64 size, u64 gpa);
