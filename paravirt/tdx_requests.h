/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests of a TD to its host, one TDVMCALL each (a string: one an element).
 * Spec: GHCI 3. Results are as those of ghcb.h: 0, or -E_FAULT when the host answers as if the
 * instruction had raised #GP, in *e. A malformed answer reports a fatal error. No state is kept:
 * interrupts and NMIs may come at any point.
 */
#pragma once

#include "lib/addr.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "paravirt/host_exception.h"

int must_check tdx_io_in(u16 port, unsigned int size, u32 *value, struct host_exception *e);
int must_check tdx_io_out(u16 port, unsigned int size, u32 value, struct host_exception *e);
int must_check tdx_io_in_string(u16 port, unsigned int size, void *data, size_t count,
				struct host_exception *e);
int must_check tdx_io_out_string(u16 port, unsigned int size, const void *data, size_t count,
				 struct host_exception *e);
int must_check tdx_msr_read(u32 msr, u64 *value, struct host_exception *e);
int must_check tdx_msr_write(u32 msr, u64 value, struct host_exception *e);
int must_check tdx_mmio_read(pa_t address, unsigned int size, u64 *value, struct host_exception *e);
int must_check tdx_mmio_write(pa_t address, unsigned int size, u64 value, struct host_exception *e);

/* Sleeps until an interrupt is pending; with @blocked, one that RFLAGS.IF keeps out is none. */
void tdx_hlt(bool blocked);
/* -E_NOSYS when the host cannot: KVM does not, as a TD has coherent memory only. */
int must_check tdx_wbinvd(void);
