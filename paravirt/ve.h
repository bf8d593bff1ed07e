/* SPDX-License-Identifier: Apache-2.0 */
/*
 * #VE, the exception by which the TDX module tells a TD that an instruction needs the host, or is
 * not to be had. Spec: TDX-BASE (#VE), SDM3 26.5.7.
 * Runs on the stack in use: with pending #VE disabled it comes only where our code has such an
 * instruction. NMIs are blocked until the first call, VEINFO.GET; a #VE before it would be #DF.
 */
#pragma once

#include "lib/trap_frame.h"

/* The value of hook handle_exception. */
void ve_handle(struct trap_frame *frame);
