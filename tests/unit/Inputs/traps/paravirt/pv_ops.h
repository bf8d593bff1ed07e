/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for paravirt/pv_ops.h: what kernel/traps.c calls of it is the test's.
 */
#pragma once

#include "lib/trap_frame.h"

void pv_handle_exception(struct trap_frame *frame);
void pv_nmi_complete(void);
