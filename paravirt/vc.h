/* SPDX-License-Identifier: Apache-2.0 */
/*
 * #VC, the exception by which an SEV-ES or SNP processor tells its guest that an instruction needs
 * the hypervisor. Spec: APM2 15.35.5, GHCB 4.
 * Runs on a stack of its own that cannot be nested: nothing in here may raise a #VC.
 */
#pragma once

#include "lib/trap_frame.h"

/* The value of hook handle_exception. */
void vc_handle(struct trap_frame *frame);
