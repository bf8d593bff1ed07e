/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TD HOB as QEMU makes it: RAM as ranges, those of the launch's TEMP_MEM and TD_HOB sections
 * accepted, all others not.
 * Spec: abi/hob.h.
 */
#pragma once

#include "abi/hob.h"
#include "lib/errno.h"
#include "monitor/host/firmware.h"
#include "model/memmap.h"

/* Makes the list at @to, which the guest sees at @gpa; -E_NOSPC: @size is too little. */
must_check int td_hob_build(const struct memmap *map, const struct firmware *firmware, u64 gpa,
			    void *to, size_t size);
