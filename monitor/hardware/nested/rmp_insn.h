/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PVALIDATE and RMPADJUST by L2. Spec: APM3.
 */
#pragma once

#include "monitor/hardware/nested/nested.h"

/* False: @insn is neither, or L2 is no SNP guest: #UD. */
bool nested_rmp_insn(struct nested *n, const struct insn *insn);
