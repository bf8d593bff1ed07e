/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of an SEV or SEV-ES guest, as hooks for its table: two views of each page and no RMP.
 */
#pragma once

#include "monitor/hardware/default.h"
#include "monitor/hardware/exit.h"

unsigned int sev_alias_bit(unsigned int highest);
/* Pages and CPUID; @sev_eax: CPUID_SEV_EAX_* of the kind. */
void sev_memory_init(u64 page_count, u32 sev_eax);
int sev_assign(u64 gpa, u64 size, enum launch_memory memory);
bool sev_access(struct vcpu *v, u64 address, enum access_kind kind);
bool sev_host_access(u64 gpa);
bool sev_is_shared(u64 gpa);
u64 sev_alike(u64 gpa, u64 *size);
bool sev_is_poison(u64 gpa);
void sev_poisoned(u64 gpa, u64 size);
void sev_undefined(struct vcpu *v, const struct insn *insn);

/* Of the tables of both kinds: what their memory is. */
#define SEV_MEMORY                                                                                 \
	.alias_is_shared = false, .is_intel = false, .has_ports = false, .has_cc_blob = false,     \
	.is_cipher = true, .is_zeroed = false, .has_hole_memory = false, .is_encrypted = true,     \
	.alias_bit = sev_alias_bit, .assign = sev_assign, .fill_section = default_fill_section,    \
	.access = sev_access, .is_shared = sev_is_shared, .host_access = sev_host_access,          \
	.host_takes = default_host_takes, .alike = sev_alike, .is_poison = sev_is_poison,          \
	.poisoned = sev_poisoned, .is_read_only = default_is_read_only,                            \
	.write_cr = default_write_cr, .undefined = sev_undefined, .run = exit_loop,                \
	.holds_nmi = default_holds_nmi, .state_left = default_state_left
