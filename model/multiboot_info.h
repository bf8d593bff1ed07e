/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds what a multiboot guest finds at EBX, in one block of guest memory below 4 GiB. The modules
 * must lie there too.
 * Spec: MB1 3.3.
 */
#pragma once

#include "model/pvh_info.h"

/* As pvh_info_build() does, of the same. The RSDP is left out: the protocol has no place for it. */
must_check s64 multiboot_info_build(const struct pvh_info *info, void *buffer, u64 size, u64 gpa);
