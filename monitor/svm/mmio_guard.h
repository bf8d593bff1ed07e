/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices that send interrupts as messages, to processors of the guest's choice in a mode of its
 * choice: the I/O APIC and the HPET. What a guest writes there is looked at first.
 * Spec: 82093AA (I/O APIC) 3.2, HPET 1.0a 2.3.8 and 2.3.9.
 */
#pragma once

#include "abi/bits.h"

/* A write at @gpa; false: it is neither's. */
bool mmio_guard_write(u64 gpa, unsigned int size, u64 value);
