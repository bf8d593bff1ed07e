/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A processor that cannot go on, in words: what KVM said, and where the guest was, if KVM tells.
 */
#pragma once

#include "host/machine.h"

/* Ends the run for an exit that nothing can be done about. */
void crash_by_exit(const struct machine *machine, const struct vcpu *vcpu);

struct crash_place {
	char text[32];
};

/* " rip=0x...", or "" where the host cannot read registers. */
struct crash_place crash_place(const struct machine *machine, const struct vcpu *vcpu);
