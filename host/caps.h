/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the VMM needs of KVM, one table: by name, and what for.
 */
#pragma once

#include "host/machine.h"

/* 0, or -E_NOENT and the name of the first that is missing, or how many processors it has. */
must_check int caps_check(const struct machine *machine, struct why *why);
