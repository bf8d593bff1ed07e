/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for paravirt/pv_ops.h: what KVM's pages call of it is the test's.
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"

int must_check pv_msr_write(u32 msr, u64 value);
void pv_halt(void);
