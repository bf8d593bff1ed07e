/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host whose answers to an SEV-ES, SNP or TDX guest are wrong, for tests: one lie by its name
 * (inject=apic-id, icr-busy, uart-dead, port-refused, message-busy, map-gpa-refused, psc-refused,
 * msr-wrong, end-ignored, event), or lies of all kinds, drawn from a seed (inject=chaos). The
 * hardware below stays honest: what a host may not do is not done.
 */
#pragma once

#include "abi/ghcb.h"
#include "monitor/host/state.h"
#include "monitor/machine/options.h"

/* What a port or a device reads as, where honesty were @value. */
u32 liar_port(u16 port, u32 value);
u64 liar_mmio(u64 gpa, u64 value);
void liar_string(u8 *data, u64 count);
/* Whether a request for a port is answered with #GP. */
bool liar_refuses_ports(void);
/* Whether a message to the firmware is not carried: the host is busy. */
bool liar_carries_nothing(void);
/* Whether MAP_GPA_RANGE is refused. */
bool liar_maps_nothing(void);
/* Whether a page-state change by the GHCB is, with nothing done. */
bool liar_changes_nothing(void);
/* Whether a guest that ends by protocol is let go on. */
bool liar_hears_no_end(void);
/* After the honest answer to a request by page, or by MSR, or of a TD (its R10 to R15). */
void liar_page(struct vcpu *v, struct ghcb *g);
u64 liar_msr(u64 response);
void liar_tdvmcall(struct vcpu *v, u64 *gpr);
/* Where an SEV-ES guest's AP jump table is, to whom it asks. */
static inline u64 liar_jump_table(void)
{
	int at = guest.inject[INJECT_JUMP_TABLE];

	return at < 0 ? host.ap_jump_table : (u64)at;
}
