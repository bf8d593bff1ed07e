/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host of a TD: TDG.VP.VMCALL goes on to tdx_vmcall.h, and what that asks for is had here.
 */
#pragma once

#include "monitor/hardware/tdx_td.h"
#include "monitor/svm/vcpu.h"

/* For struct host_ops. */
void tdx_host_vmcall(struct vcpu *v, struct tdx_call *call);
