/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMGEXIT: the MSR protocol, or a request in the GHCB page. Spec: GHCB.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* RIP is past the instruction. */
void ghcb_vmgexit(struct vcpu *v);
