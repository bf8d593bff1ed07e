/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests do between filling registers and looking at them: one way out of the guest each.
 */
#pragma once

void tdx_calls_init(void);

void call_tdcall(void);
void call_seamcall(void);
void call_tdvmcall(void); /* with a module of the test's own */
void call_host(void);     /* an instruction, or VMGEXIT */
void call_interrupt(void);
void call_all(void);
