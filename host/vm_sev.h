/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SEV, SEV-ES and SNP have in common: commands by KVM_MEMORY_ENCRYPT_OP with /dev/sev.
 * Spec: Linux Documentation/virt/kvm/x86/amd-memory-encryption.rst.
 */
#pragma once

#include "host/vm_type.h"

/* Opens /dev/sev and initializes the firmware's side of the VM: KVM_SEV_INIT2. */
must_check int sev_vm_init(struct machine *machine, u16 ghcb_version, struct why *why);

/* A command with its structure; the error has the command's @name and the firmware's code. */
must_check int sev_command(struct machine *machine, u32 id, void *data, const char *name,
			   struct why *why);
