/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PVALIDATE and RMPADJUST, which the processor below does not have: done by the model.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/*
 * As much of rAX as an address has, by the code's size and prefix, with the checks of a read of one
 * byte. False: a fault.
 */
bool snp_insn_address(struct vcpu *v, const struct insn *insn, u64 *linear);

/* A violation does not return. */
void snp_pvalidate(struct vcpu *v, const struct insn *insn);
void snp_rmpadjust(struct vcpu *v, const struct insn *insn);
