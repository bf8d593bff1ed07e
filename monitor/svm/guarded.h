/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the machine has what sends interrupts to processors: I/O APIC, HPET, local APIC. A guest
 * that has devices to itself has these to read; each write is the host's to do.
 */
#pragma once

#include "monitor/svm/vcpu.h"

#define GUARDED_START 0xfec00000
#define GUARDED_END   0xfef00000

static inline bool guarded_has(u64 gpa) { return gpa >= GUARDED_START && gpa < GUARDED_END; }

/* A nested page fault there, of a guest whose instructions can be read. */
void guarded_fault(struct vcpu *v, u64 address, u64 info);
