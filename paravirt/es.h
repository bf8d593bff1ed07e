/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks that SEV-ES and SNP have in common: whatever needs the host is a request by GHCB.
 */
#pragma once

#include "lib/addr.h"
#include "lib/errno.h"
#include "lib/trap_frame.h"

/* Ends a guest whose hypervisor speaks another protocol, or knows another C-bit. MSR only. */
void es_check_protocol(void);

void es_nmi_complete(void);

/*
 * Hook handle_exception: #VC (vc.c), by which the processor tells that an instruction needs the
 * hypervisor. Spec: APM2 15.35.5, GHCB 4.
 * Runs on a stack of its own that cannot be nested: nothing in it may raise a #VC.
 */
void vc_handle(struct trap_frame *frame);
