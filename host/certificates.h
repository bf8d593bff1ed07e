/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificates that an SNP guest gets with its report: a KVM that was told so asks its VMM for
 * them at each extended guest request.
 * Spec: Linux Documentation/virt/kvm/api.rst, KVM_EXIT_SNP_REQ_CERTS; GHCB 4.1.8.
 */
#pragma once

#include "host/machine.h"

/* Of an SNP VM that has no processor yet: nothing where no certificates were given. */
must_check int certificates_enable(struct machine *m, struct why *why);

/* KVM_EXIT_SNP_REQ_CERTS */
void certificates_exit(struct machine *m, struct vcpu *v);
