/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See state.h.
 */
#include "monitor/host/state.h"

#include "monitor/machine/memory.h"

struct host host;

void host_init_vcpu(struct vcpu *v) { v->host = memory_alloc(sizeof(*v->host)); }
