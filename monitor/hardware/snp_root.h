/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processor and its firmware as this machine's test root has them, and as its options say.
 */
#pragma once

#include "monitor/hardware/snp_evidence.h"

/* The run ends where there is no usable root. */
void snp_root_platform(struct snp_platform *p);
