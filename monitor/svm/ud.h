/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instructions that the processor under the monitor does not have: those of SNP are done by the
 * model, the others are #UD for the guest too.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* #UD at CS:RIP. */
void ud_exit(struct vcpu *v);
/* A hypercall of a plain guest, from its registers; @length of its instruction. */
void hypercall_exit(struct vcpu *v, unsigned int length);
