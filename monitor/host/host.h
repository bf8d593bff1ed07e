/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own host: the answers that KVM and its VMM would give.
 */
#pragma once

#include "monitor/svm/host_ops.h"

/* They differ in what becomes of a VMCALL on AMD's processor: KVM mends it, for a plain guest. */
extern const struct host_ops host_plain, host_kvm;
