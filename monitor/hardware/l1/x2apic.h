/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x2APIC mode of L1's local APIC: an EPYC has it, and a guest's CPUID page promises it, but QEMU's
 * processor has it from 9 on only, and then takes an INIT by itself. Its MSRs are done on the
 * machine's xAPIC, for destinations that such a one knows. Spec: APM2 16.9 to 16.14.
 */
#pragma once

#include "monitor/hardware/l1/l1.h"

/* INIT has reached @p, whose mode stays, and with it its logical id: APM2 16.14 */
void l1_x2apic_init(const struct l1 *p);
/* One of its MSRs, or that of the mode. */
bool l1_x2apic_has(u32 msr);
/* -E_INVAL: #GP. */
must_check int l1_x2apic_access(struct l1 *p, u32 msr, bool write, u64 *value);
