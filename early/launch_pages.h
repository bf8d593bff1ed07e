/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image's own CPUID and secrets pages, which an SNP launch fills (abi/launch_note.h), or
 * firmware's, copied; and the pages in which a TD's says what memory there is; undefined when
 * nothing launched us that way.
 * C and assembly.
 */
#pragma once

#include "abi/sev.h"

#define TD_HOB_SIZE (2 * PAGE_SIZE) /* room for QEMU's list of memory */

#ifndef __ASSEMBLER__
extern const struct snp_cpuid_page launch_cpuid_page;
extern struct snp_secrets_page launch_secrets_page;
extern const u8 launch_td_hob[TD_HOB_SIZE];
#endif
