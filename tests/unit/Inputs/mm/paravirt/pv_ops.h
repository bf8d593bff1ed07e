/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For native tests of mm/, in place of the real one: the hooks that mm calls, as plain functions.
 */
#pragma once

#include "lib/addr.h"
#include "lib/errno.h"
#include "lib/panic.h"

int must_check pv_accept_memory(pa_t start, u64 size);
