/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PVALIDATE and RMPADJUST, which the processor below does not have: done by the model.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* A violation does not return. */
void snp_pvalidate(struct vcpu *v, const struct insn *insn);
void snp_rmpadjust(struct vcpu *v, const struct insn *insn);
