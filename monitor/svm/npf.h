/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nested page faults: the page is mapped as its state allows, is a device, or is a violation.
 */
#pragma once

#include "monitor/svm/vcpu.h"

void npf_handle(struct vcpu *v);

/* Takes private pages that a walk or fetch of @v's brought into the shared view out of it again. */
void npf_forget_lenient(struct vcpu *v);
