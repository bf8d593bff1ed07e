/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image's own CPUID and secrets pages, which the launch fills (abi/launch_note.h). All zero
 * when nothing launched us that way.
 */
#pragma once

#include "abi/sev.h"

extern const struct snp_cpuid_page launch_cpuid_page;
extern struct snp_secrets_page launch_secrets_page;
