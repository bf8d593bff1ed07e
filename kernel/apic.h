/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local APIC, in the mode in which it is found: xAPIC through the platform's MMIO hooks, x2APIC
 * through those for MSRs. Enabling, end of interrupt, the timer. The legacy PICs are masked.
 */
#pragma once

#include "abi/bits.h"
#include "lib/addr.h"

void apic_init(void);
/* The same on any other processor; interrupts stay off. */
void apic_init_cpu(void);
/* This processor's, as the APIC has it. */
u32 apic_id(void);
/* The same, held against CPUID: where the two differ, the host lies, and the guest ends. */
u32 apic_id_held(void);
/* Ends an interrupt of @vector if the APIC has one in service; at any time. */
void apic_end_unexpected(unsigned int vector);
/* Whether @id can be the destination of an interrupt, and no other processor's too. */
bool apic_reaches(u32 id);
void apic_eoi(void);
/* Raises @vector after @ticks of the APIC's clock (divided by 1), once or for ever. */
void apic_timer_start(unsigned int vector, u32 ticks, bool periodic);
void apic_timer_stop(void);
/*
 * An interrupt to this processor itself; to one; to processors @cpus, as bits, none of them this
 * one: in one request, which without the host's help goes to all others.
 */
void apic_self_ipi(unsigned int vector);
void apic_ipi(u32 id, unsigned int vector);
void apic_ipi_others(u32 cpus, unsigned int vector);
/* What starts a processor: APM2 16.5. @page is below 1 MiB. */
void apic_init_ipi(u32 id);
void apic_startup_ipi(u32 id, pa_t page);
