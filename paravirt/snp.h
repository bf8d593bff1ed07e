/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an SNP launch may ask of its guest beside page states (SEV_FEATURES): restricted injection
 * (doorbell.c), Secure TSC (secure_tsc.c).
 */
#pragma once

#include "abi/vmcb.h"
#include "early/percpu.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "paravirt/cpus.h"

/*
 * Restricted injection: the host of an SNP guest can inject nothing but #HV, and tells what it
 * stands for in a page of each processor's that both write. #HV comes whether interrupts are on or
 * not; what must wait for that stays in the page, and whoever enables them looks there (lib/irq.h).
 * Spec: APM2 15.36.16; GHCB, "#HV doorbell page" and its NAE event.
 */

/* Of the boot processor, if the launch has the feature. Needs a GHCB; ends the guest if refused. */
void doorbell_setup(void);
/* Of others: shared, registered by each itself (-E_PERM: the host refuses), taken back. */
int must_check doorbell_share_others(unsigned int first, unsigned int count,
				     const struct cpus_services *services);
int must_check doorbell_setup_other(void);
int must_check doorbell_unshare_others(unsigned int first, unsigned int count,
				       const struct cpus_services *services);

/* Whether the launch has the feature: every processor has a page then. */
bool doorbell_is_on(void);

/*
 * Takes what cannot wait, so that the host signals again: true for an NMI, if @nmi lets one be
 * taken. Ends a guest that is told what it can never be: #MC, an exception, a reserved bit.
 */
bool doorbell_take_signal(bool nmi);
/* Takes the vector that is told; 0: none. */
unsigned int doorbell_take_vector(void);
/* Whether the host wants no EOI of the interrupt that was taken; asks once. */
bool doorbell_eoi_consume(void);

/* Hook halt: as pv_halt(). Where it may be interrupted before it sleeps, it must not sleep. */
void doorbell_halt(void);
extern const u8 doorbell_halt_check[], doorbell_halt_end[];

/*
 * Secure TSC: an SNP guest's TSC that the host neither sets nor scales nor answers for.
 * Spec: APM2 15.36.18; SNP-FW 7.10 (MSG_TSC_INFO).
 */

/* Once the GHCB is there: asks the firmware, or ends the guest. Without the feature: nothing. */
void secure_tsc_init(void);
bool secure_tsc_is_on(void);
/* Its rate, 0 without the feature. */
u64 secure_tsc_khz(void);
/* Of a guest that does not believe its host: whose word time is, behind a comma; else "". */
const char *secure_tsc_whose(void);
/* What another processor's VMSA must say, so that all count alike. */
void secure_tsc_fill(struct vmsa *vmsa);
