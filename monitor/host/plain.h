/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a host answers a guest whose registers it sees, as hooks for the tables of such kinds.
 */
#pragma once

#include "monitor/svm/insn.h"
#include "monitor/svm/vcpu.h"

/* VMMCALL is KVM's hypercall. */
void plain_vmmcall(struct vcpu *v, const struct insn *insn);
void plain_host_exit(struct vcpu *v, u64 code);
