/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local APIC's page of a guest with several processors. Each has its processor's own APIC:
 * reads go to it, and writes too, but for what one processor asks of another: INIT and start-up
 * never reach hardware, which would run the processor outside of SVM, and an NMI is the monitor's
 * to deliver, which uses NMIs itself.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* Whether @gpa is in it; never with one processor, which has its APIC to itself. */
static inline bool xapic_is_page(u64 gpa)
{
	return gpa >> PAGE_SHIFT == APIC_BASE_DEFAULT >> PAGE_SHIFT && guest.cpu_count > 1;
}

/* A nested page fault in it, of a guest whose instructions can be read. */
void xapic_fault(struct vcpu *v, u64 address, u64 info);

/* A write of the register at @offset. */
void xapic_write(struct vcpu *v, u64 offset, u32 value);

/* The interrupt command register, both halves. */
void xapic_command(struct vcpu *v, u32 low, u32 dest);

/* Back to the state of reset, on the processor itself, which INIT reached. */
void xapic_reset(struct vcpu *v);
