/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the TDX platform its #VE handler shares with its hooks.
 */
#pragma once

/* Hook terminate. */
void tdx_terminate(unsigned int reason);
/* Hook wbinvd: where the host cannot, memory is coherent and nothing needs to be done. */
void tdx_wbinvd_or_nothing(void);
