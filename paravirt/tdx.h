/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the TDX platform its files share: the states of pages, #VE, HLT. Its requests to the host
 * are paravirt/host.h's.
 */
#pragma once

#include "lib/addr.h"
#include "lib/errno.h"
#include "lib/trap_frame.h"

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
/* 0, or TDVMCALL_STATUS_* with which the host refuses: a part of them may be changed then. */
u64 must_check tdx_try_map_gpa(pa_t start, u64 page_count, bool private);
/*
 * Accepts pending pages, in 2M where the host mapped them so: they are zero then. A page that is
 * accepted already was replaced by the host, or never given away: fatal.
 */
void tdx_accept(pa_t start, u64 page_count);
/* One unit of TDX_LEVEL_*; the module's status. It is busy while the host is at the same entry. */
u64 must_check tdx_try_accept(u64 gpa, unsigned int level);

/* Sleeps until an interrupt is pending; with @blocked, one that RFLAGS.IF keeps out is none. */
void tdx_hlt(bool blocked);
