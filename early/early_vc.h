/* SPDX-License-Identifier: Apache-2.0 */
/*
 * #VC before there is a GHCB: CPUID, and RDTSC, which reads 0. As an SNP guest by the page that the
 * firmware vouched for, where the hypervisor adds only what is its own; as SEV-ES by the MSR
 * protocol.
 */
#pragma once

#include "abi/bits.h"
#include "lib/trap_frame.h"

/* Whether this can be a guest that gets one; it is not known before the entry looked. */
bool early_vc_may_come(void);
/* Returns with @frame behind the instruction, or terminates. */
void early_vc(struct trap_frame *frame);
/* Whether there was one: then this is an SEV-ES guest, whatever CPUID says. */
bool early_vc_is_seen(void);
