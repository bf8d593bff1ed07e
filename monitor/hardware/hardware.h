/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hardware that there is: a table each.
 */
#pragma once

#include "monitor/svm/hardware_ops.h"

extern const struct hardware_ops hardware_amd, hardware_intel; /* plain processors */
extern const struct hardware_ops hardware_sev, hardware_sev_es, hardware_snp, hardware_tdx;
extern const struct hardware_ops hardware_snp_host; /* all of a machine: l1/l1.h */
