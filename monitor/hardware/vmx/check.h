/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an entry looks at before it enters, on a copy of the VMCS that nobody else writes. A rule
 * that is broken is told by its name, for the transcript; NULL: none is. Pure.
 * Spec: SDM3 27.2 (controls and host state: VMfail), 27.3 (guest state: an exit).
 */
#pragma once

#include "monitor/hardware/vmx/vmcs.h"

/* The processor that the entry is on. */
struct vmx_check {
	bool lma; /* IA32_EFER.LMA of the host */
	u64 cr4_known;
};

/* 27.2.1: VMX_ERROR_ENTRY_CONTROLS. In check_controls.c, as the next ones in a file of theirs. */
const char *vmx_check_controls(const struct vmcs_fields *f);
/* 27.2.2 to 27.2.4: VMX_ERROR_ENTRY_HOST. */
const char *vmx_check_host(const struct vmcs_fields *f, const struct vmx_check *c);
/* 27.3.1: VMX_EXIT_GUEST_STATE, with *@qualification. */
const char *vmx_check_guest(const struct vmcs_fields *f, const struct vmx_check *c,
			    u64 *qualification);
/* ... of segments: 27.3.1.2 */
const char *vmx_check_segments(const struct vmcs_fields *f);
/* ... of what is no register, and of an event with it: 27.3.1.5 */
const char *vmx_check_activity(const struct vmcs_fields *f);

/* A rule: the first one of a list whose condition is not met. */
#define VMX_RULE(condition, name)                                                                  \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return name;                                                               \
	} while (0)

/* A value of IA32_PAT; of IA32_EFER without reserved bits. */
bool vmx_pat_is_legal(u64 pat);
bool vmx_efer_is_legal(u64 efer);

/* "Unrestricted guest", and other secondary controls: 0 where they are not activated. */
static inline u64 vmx_secondary(const struct vmcs_fields *f)
{
	return f->primary & VMX_PRIMARY_SECONDARY ? f->secondary : 0;
}

static inline unsigned int vmx_event_type(u64 event)
{
	return (unsigned int)((event & VMX_EVENT_TYPE_MASK) >> VMX_EVENT_TYPE_SHIFT);
}

/* The entry is with an event of @type. */
static inline bool vmx_enters_with(const struct vmcs_fields *f, unsigned int type)
{
	return f->entry_event & VMX_EVENT_VALID && vmx_event_type(f->entry_event) == type;
}
