/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What KVM itself counted of each processor: exits by kind, hypercalls, interrupts, page faults. A
 * line of the results for each, with every count that is not 0, by KVM's names.
 */
#pragma once

#include "host/machine.h"

/* A processor's counts, to be read once the run is over; -1 where this KVM gives none. */
int stats_open(const struct machine *machine, const struct vcpu *vcpu);
/* After the last processor stopped. */
void stats_report(const struct machine *machine);
