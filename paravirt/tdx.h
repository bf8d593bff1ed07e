/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the TDX platform its files share: requests to the host, the states of pages, #VE.
 */
#pragma once

#include "lib/addr.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "lib/trap_frame.h"
#include "paravirt/host_exception.h"

/* Hook terminate. */
void tdx_terminate(unsigned int reason);
/* Hook wbinvd: where the host cannot, memory is coherent and nothing needs to be done. */
void tdx_wbinvd_or_nothing(void);

/*
 * Hook handle_exception: #VE (ve.c), by which the TDX module tells a TD that an instruction needs
 * the host, or is not to be had. Spec: TDX-BASE (#VE), SDM3 26.5.7.
 * Runs on the stack in use: with pending #VE disabled it comes only where our code has such an
 * instruction. NMIs are blocked until the first call, VEINFO.GET; a #VE before it would be #DF.
 */
void ve_handle(struct trap_frame *frame);

/*
 * The states of a TD's pages: what the host maps (MapGPA) and what the guest accepts
 * (TDG.MEM.PAGE.ACCEPT). Spec: GHCI 3.2, TDX-ABI 5.5. Refusals report a fatal error: half a
 * conversion cannot be told from an attack.
 */
/* Asks the host to make pages private or shared; needs nothing of the page tables. */
void tdx_map_gpa(pa_t start, u64 page_count, bool private);
/*
 * Accepts pending pages, in 2M where the host mapped them so: they are zero then. A page that is
 * accepted already was replaced by the host, or never given away: fatal.
 */
void tdx_accept(pa_t start, u64 page_count);

/*
 * Requests to the host, one TDVMCALL each (a string: one an element).
 * Spec: GHCI 3. Results are as those of ghcb.h: 0, or -E_FAULT when the host answers as if the
 * instruction had raised #GP, in *e. A malformed answer reports a fatal error. No state is kept:
 * interrupts and NMIs may come at any point.
 */
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
