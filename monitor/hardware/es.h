/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What guests with encrypted state have in common, SEV-ES and SNP: exits come as #VC, the way to
 * the host is VMGEXIT. Hooks for their tables. Spec: APM2 15.35, GHCB.
 */
#pragma once

#include "lib/compiler.h"
#include "monitor/svm/insn.h"
#include "monitor/hardware/msr.h"
#include "monitor/svm/vcpu.h"

void es_intercept(struct vmcb *vmcb);
/* Of the VMSA in the VMCB: what VMRUN loads, where TCG's does not. */
void es_launch(struct vcpu *v);
void es_device(struct vcpu *v, u64 address, u64 info);
void es_vmmcall(struct vcpu *v, const struct insn *insn);
void es_host_exit(struct vcpu *v, u64 code);

/* RDMSR and WRMSR with SEV_STATUS reading as @status. */
void es_msr(struct vcpu *v, const struct msr_access *access, u64 status);

/* VMCALL where the host cannot patch the guest's text: ends the guest, or (lenient) is #UD. */
void es_vmcall(struct vcpu *v);
