/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local APIC, in the mode in which it is found: xAPIC through the platform's MMIO hooks, x2APIC
 * through those for MSRs. Enabling, end of interrupt, the timer. The legacy PICs are masked.
 */
#pragma once

#include "abi/bits.h"

void apic_init(void);
void apic_eoi(void);
/* Raises @vector after @ticks of the APIC's clock (divided by 1), once or for ever. */
void apic_timer_start(unsigned int vector, u32 ticks, bool periodic);
void apic_timer_stop(void);
/* An interrupt to this processor itself. */
void apic_self_ipi(unsigned int vector);
