/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where bench_insn.S finds the hypercall's slot; C and assembly.
 */
#pragma once

#define PV_OPS_HYPERCALL 16

#ifndef __ASSEMBLER__
#include "paravirt/pv_ops.h"
ABI_OFFSET(struct pv_ops, hypercall, PV_OPS_HYPERCALL);
#endif
