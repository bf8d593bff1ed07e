/* SPDX-License-Identifier: Apache-2.0 */
/*
 * #HV, which alone a host with restricted injection can raise: paravirt/snp.h. It is taken on
 * the interrupted stack, as interrupts are: one that comes at once again, by a host that may raise
 * it at any instruction, then meets no frame of the first. Interrupts are delivered on the way back
 * to where they are on (hv_return.S).
 */
#pragma once

#include "lib/trap_frame.h"

/* The trap handler, for trap_set_handler(); @frame lies above its return address. */
void hv_trap_entry(struct trap_frame *frame);
/* Of a processor that stands still: what cannot wait, and nothing else. */
void hv_take_still(struct trap_frame *frame);
