/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From firmware's IDT and GDT to our own. An NMI that comes behind ExitBootServices() has a handler
 * of ours, and finds the segments that its frame and our gates name in the GDT of the moment.
 */
#pragma once

/* While boot services are alive: nothing of the processor's changes. */
void efi_traps_prepare(void);
/* When they are not: interrupts off, our IDT; the GDT to load next is efi_gdt_pointer. */
void efi_traps_take(void);
