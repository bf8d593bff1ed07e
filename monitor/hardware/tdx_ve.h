/* SPDX-License-Identifier: Apache-2.0 */
/*
 * #VE: what the TDX module makes of a TD's exits that it does not handle itself.
 */
#pragma once

#include "abi/tdx.h"
#include "monitor/hardware/tdx_td.h"
#include "monitor/svm/insn.h"
#include "monitor/svm/vcpu.h"

/* Injects #VE; #DF where the one before has not been fetched. */
void tdx_ve(struct vcpu *v, const struct tdx_ve *ve);
/* Of an instruction that has nothing but its reason, VMX_EXIT_*. */
void tdx_ve_insn(struct vcpu *v, u32 reason);
/* Of IN, OUT, INS or OUTS. */
void tdx_ve_io(struct vcpu *v);
/* Of MOV to a control register. */
void tdx_ve_cr(struct vcpu *v, unsigned int cr, const struct insn *insn);
/* Of a data access through @address, SHARED included. */
void tdx_ve_data(struct vcpu *v, u64 address, bool write);
/* The same of a device; @info is EXITINFO1's. */
void tdx_ve_mmio(struct vcpu *v, u64 address, u64 info);
