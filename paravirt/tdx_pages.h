/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The states of a TD's pages: what the host maps (MapGPA) and what the guest accepts
 * (TDG.MEM.PAGE.ACCEPT). Spec: GHCI 3.2, TDX-ABI 5.5. Refusals report a fatal error: half a
 * conversion cannot be told from an attack.
 */
#pragma once

#include "lib/addr.h"

/* Asks the host to make pages private or shared; needs nothing of the page tables. */
void tdx_map_gpa(pa_t start, u64 page_count, bool private);
/*
 * Accepts pending pages, in 2M where the host mapped them so: they are zero then. A page that is
 * accepted already was replaced by the host, or never given away: fatal.
 */
void tdx_accept(pa_t start, u64 page_count);
