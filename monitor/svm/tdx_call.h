/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDCALL: the module's leaves and, behind TDG.VP.VMCALL, the host's.
 */
#pragma once

#include "monitor/model/insn.h"
#include "monitor/svm/vcpu.h"

/* What module and host need of the machine. */
extern const struct tdx_machine tdx_machine;

/* TDCALL at RIP. */
void tdx_call(struct vcpu *v, const struct insn *insn);
