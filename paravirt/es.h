/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks that SEV-ES and SNP have in common: whatever needs the host is a request by GHCB.
 */
#pragma once

#include "lib/addr.h"
#include "lib/errno.h"
#include "lib/trap_frame.h"

/* Ends a guest whose hypervisor speaks another protocol, or knows another C-bit. MSR only. */
void es_check_protocol(void);

u32 es_io_in(u16 port, unsigned int size);
void es_io_out(u16 port, unsigned int size, u32 value);
void es_io_in_string(u16 port, void *data, size_t count);
void es_io_out_string(u16 port, const void *data, size_t count);
int es_msr_read(u32 msr, u64 *value);
int es_msr_write(u32 msr, u64 value);
u64 es_mmio_read(pa_t address, unsigned int size);
void es_mmio_write(pa_t address, unsigned int size, u64 value);
void es_wbinvd(void);
void es_nmi_complete(void);
void es_terminate(unsigned int reason);

/*
 * Hook handle_exception: #VC (vc.c), by which the processor tells that an instruction needs the
 * hypervisor. Spec: APM2 15.35.5, GHCB 4.
 * Runs on a stack of its own that cannot be nested: nothing in it may raise a #VC.
 */
void vc_handle(struct trap_frame *frame);
