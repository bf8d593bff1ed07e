/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of an exit that reaches user space. Everything in the processor's shared page is the
 * guest's or the kernel's word, and is checked before use.
 */
#pragma once

#include "host/machine.h"

/* After KVM_RUN returned; called with the machine's lock held. May end the run. */
void exit_handle(struct machine *machine, struct vcpu *vcpu);
/* KVM_RUN failed with this errno, negative. */
void exit_failed(struct machine *machine, struct vcpu *vcpu, int error);
