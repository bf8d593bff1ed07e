/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What hardware and firmware keep: of the guest, and of each of its processors beside the VMCB.
 */
#pragma once

#include "abi/psp.h"
#include "monitor/hardware/cpuid.h"
#include "monitor/hardware/rmp.h"
#include "monitor/hardware/sev_pages.h"
#include "monitor/hardware/tdx_td.h"
#include "monitor/svm/vcpu.h"

struct hardware {
	struct cpuid_model cpuid;
	struct rmp rmp;       /* of an SNP guest */
	struct sev_pages sev; /* of an SEV or SEV-ES guest */
	struct tdx_td td;
	u64 page_size; /* of a TD or SNP guest: the largest that the host gives; 0: default */
	const struct snp_launch_words *snp_launch; /* of an SNP guest; NULL: QEMU's defaults */
	u32 report_version;                        /* of SNP's attestation reports; 0: default */
	u32 quote_version;                         /* of TDX quotes; 0: default */
	bool has_vlek;                             /* its host has loaded a VLEK */
	bool strict_map_gpa;                       /* of SEV and SEV-ES: see sev_memory.c */
};

extern struct hardware hardware;

struct vcpu_hardware {
	u64 ghcb_msr;
	u64 tsc_aux;
	bool real_iret; /* it left protected mode with a 32-bit stack: cr_real_iret() */
	struct tdx_vcpu td;
};

/* Makes @v->hardware. */
void hardware_init_vcpu(struct vcpu *v);
