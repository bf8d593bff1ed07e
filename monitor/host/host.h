/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own host: the answers that KVM and its VMM would give.
 */
#pragma once

#include "monitor/svm/host_ops.h"

extern const struct host_ops host_kvm;
