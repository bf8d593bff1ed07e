/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nested page faults: the page is mapped as its state allows, is a device, or is a violation.
 */
#pragma once

#include "monitor/svm/vcpu.h"

void npf_handle(struct vcpu *v);
