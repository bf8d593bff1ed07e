/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answers that ghcb_exit.c chooses from, each to an exit code of GHCB table 7.
 */
#pragma once

#include "monitor/host/ghcb_exit.h"

/* ghcb_cpu.c */
void answer_cpuid(struct vcpu *v, struct ghcb *g);
void answer_msr(struct vcpu *v, struct ghcb *g);
void answer_hypercall(struct vcpu *v, struct ghcb *g);
void answer_tsc(const struct vcpu *v, struct ghcb *g, bool with_aux);
void answer_dr7(struct vcpu *v, struct ghcb *g);
void answer_jump_table(struct ghcb *g);
void answer_reset_hold(struct vcpu *v, struct ghcb *g);

/* ghcb_device.c */
void answer_ioio(struct vcpu *v, const struct ghcb_request *r);
void answer_mmio(struct vcpu *v, const struct ghcb_request *r);

/* ghcb_snp.c */
void answer_psc(struct vcpu *v, const struct ghcb_request *r);
void answer_ap_creation(struct vcpu *v, struct ghcb *g);
void answer_guest_request(struct ghcb *g);
void answer_doorbell(struct vcpu *v, struct ghcb *g);
void answer_ipi(struct vcpu *v, struct ghcb *g);
void answer_apic_ids(struct ghcb *g);
