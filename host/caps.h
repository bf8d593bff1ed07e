/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the VMM needs of KVM: one table, so that what is missing can be named.
 */
#pragma once

#include "host/machine.h"

enum caps_of {
	CAPS_OF_ALL,     /* every VM's */
	CAPS_OF_PRIVATE, /* a VM's with a guest_memfd */
};

/* 0; else what is missing, with -E_NOENT, or -E_NOSYS where a plainer type may do without it. */
must_check int caps_check(const struct machine *machine, enum caps_of whose, struct why *why);
