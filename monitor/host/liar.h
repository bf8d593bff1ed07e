/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host whose answers to an SEV-ES, SNP or TDX guest are wrong, for tests that want one lie by its
 * name (inject=apic-id, icr-busy, uart-dead, port-refused, message-busy, map-gpa-refused,
 * psc-refused, msr-wrong, end-ignored, event); lies of all kinds are campaign.h's. The hardware
 * below stays honest: what a host may not do is not done.
 */
#pragma once

#include "abi/ghcb.h"
#include "monitor/host/state.h"
#include "monitor/machine/options.h"

/* What a port or a device reads as, where honesty were @value. */
u32 liar_port(u16 port, u32 value);
u64 liar_mmio(u64 gpa, u64 value);
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

/* An event that a host of @v's kind may inject, or nothing: false. */
bool liar_inject(struct vcpu *v, unsigned int vector, bool is_td);
/* After a request by page, or of a TD. */
void liar_after(struct vcpu *v, bool is_td);
/* What is answered by MSR, where honesty were @response. */
u64 liar_msr(u64 response);
/* Where an SEV-ES guest's AP jump table is, to whom it asks. */
static inline u64 liar_jump_table(void)
{
	int at = guest.inject[INJECT_JUMP_TABLE];

	return at < 0 ? host.ap_jump_table : (u64)at;
}
