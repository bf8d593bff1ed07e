/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local APIC's window. Each of the guest's processors has its processor's own APIC: reads go to
 * it, and so do writes of what the guest may have of it. INIT, start-up, NMI and SMI never reach
 * hardware, which would run the processor outside of SVM, or which the monitor needs for itself:
 * the first three are played here.
 *
 * QEMU decodes bits [11:4] alone, and takes a write behind the page, or of its register 0, for a
 * device's message with any delivery mode: so all of the window is the monitor's.
 */
#pragma once

#include "abi/x86.h"
#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

#define APIC_WINDOW_END 0xfef00000

static inline bool xapic_is_window(u64 gpa)
{
	return gpa >= APIC_BASE_DEFAULT && gpa < APIC_WINDOW_END;
}

/* Whether a processor has registers there: all see the same pages. */
bool xapic_is_any_on(void);

/* An access at @gpa in the window; one that is none of a register reads ones, writes nothing. */
u64 xapic_mmio_read(const struct vcpu *v, u64 gpa, unsigned int size);
void xapic_mmio_write(struct vcpu *v, u64 gpa, unsigned int size, u64 value);

/* A write of the register at @offset; nothing where there is none, or none to write. */
void xapic_write(struct vcpu *v, u32 offset, u32 value);

/* The interrupt command register, both halves: @dest is as wide as the APIC's mode has it. */
void xapic_command(struct vcpu *v, u32 low, u32 dest);

/* The same by an x2APIC's register, whatever the mode: for a host that is asked by another door. */
void xapic_command_x2(struct vcpu *v, u64 icr);

/* MSR APIC_BASE, of which a guest can change the enable bit; -E_INVAL: #GP. */
must_check int xapic_base_write(struct vcpu *v, u64 value);

/* Back to the state of reset, on the processor itself, which INIT reached. */
void xapic_reset(struct vcpu *v);
