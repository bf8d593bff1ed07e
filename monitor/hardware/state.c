/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See state.h.
 */
#include "monitor/hardware/state.h"

#include "monitor/machine/memory.h"

struct hardware hardware;

void hardware_init_vcpu(struct vcpu *v) { v->hardware = memory_alloc(sizeof(*v->hardware)); }
