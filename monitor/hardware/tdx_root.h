/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processor, TDX module and quoting enclave as this machine's test root has them, and as its
 * options say.
 */
#pragma once

#include "monitor/hardware/tdx_evidence.h"

/* The run ends where there is no usable root. */
void tdx_root_platform(struct tdx_platform *p);
