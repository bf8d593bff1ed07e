/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The const tables, one a platform. Read side by side they say how the platforms differ.
 */
#pragma once

#include "paravirt/pv_ops.h"

extern const struct pv_ops pv_ops_plain;     /* no hypervisor, or none that we know */
extern const struct pv_ops pv_ops_kvm_amd;   /* KVM where the hypercall is VMMCALL */
extern const struct pv_ops pv_ops_kvm_intel; /* KVM where the hypercall is VMCALL */
extern const struct pv_ops pv_ops_kvm_protected_amd;
extern const struct pv_ops pv_ops_kvm_protected_intel;
extern const struct pv_ops pv_ops_sev;
extern const struct pv_ops pv_ops_sev_es;
extern const struct pv_ops pv_ops_snp;
extern const struct pv_ops pv_ops_tdx;
