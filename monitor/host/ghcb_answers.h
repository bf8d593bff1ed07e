/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answers that ghcb_exit.c chooses from, each to an exit code of GHCB table 7.
 */
#pragma once

#include "monitor/host/ghcb_exit.h"

/* ghcb_cpu.c */
void answer_cpuid(struct vcpu *v, const struct ghcb_request *r);
void answer_msr(struct vcpu *v, const struct ghcb_request *r);
void answer_hypercall(struct vcpu *v, const struct ghcb_request *r);
void answer_tsc(struct vcpu *v, const struct ghcb_request *r);
void answer_tscp(struct vcpu *v, const struct ghcb_request *r);
void answer_dr7(struct vcpu *v, const struct ghcb_request *r);
void answer_jump_table(struct vcpu *v, const struct ghcb_request *r);
void answer_reset_hold(struct vcpu *v, const struct ghcb_request *r);
void answer_gp(struct vcpu *v, const struct ghcb_request *r);
void answer_nothing(struct vcpu *v, const struct ghcb_request *r);
void answer_nmi_complete(struct vcpu *v, const struct ghcb_request *r);
void answer_features(struct vcpu *v, const struct ghcb_request *r);
void answer_terminate(struct vcpu *v, const struct ghcb_request *r);
void answer_unsupported(struct vcpu *v, const struct ghcb_request *r);

/* ghcb_device.c */
void answer_ioio(struct vcpu *v, const struct ghcb_request *r);
void answer_mmio_read(struct vcpu *v, const struct ghcb_request *r);
void answer_mmio_write(struct vcpu *v, const struct ghcb_request *r);

/* ghcb_snp.c */
void answer_psc(struct vcpu *v, const struct ghcb_request *r);
void answer_ap_creation(struct vcpu *v, const struct ghcb_request *r);
void answer_guest_request(struct vcpu *v, const struct ghcb_request *r);
void answer_ext_guest_request(struct vcpu *v, const struct ghcb_request *r);
void answer_doorbell(struct vcpu *v, const struct ghcb_request *r);
void answer_ipi(struct vcpu *v, const struct ghcb_request *r);
void answer_apic_ids(struct vcpu *v, const struct ghcb_request *r);
