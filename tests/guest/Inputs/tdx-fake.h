/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TDX module inside the guest: TDCALL raises #UD where there is none, and tdx-fake.c, in place of
 * early/trap.c, lets a test answer it.
 */
#pragma once

#include "lib/trap_frame.h"

/*
 * Takes the TDCALL of @frame as a module would, without RIP, or changes the vector to that of the
 * exception that it raises instead. NULL, as at first: nobody does.
 */
extern void (*tdx_fake)(struct trap_frame *frame);
/* A test may do something before the first C code looks where it is. */
void tdx_fake_start(void);
