/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the VMM gives up before the guest's first instruction: root's rights, core dumps, and every
 * system call that running and ending the guest does not need.
 */
#pragma once

#include "host/why.h"

/* While there is one thread. Somebody else than root keeps the rights that he has. */
must_check int sandbox_drop_privileges(struct why *why);
/*
 * For all threads, and for ever: any other system call kills the process. @serial is read from, and
 * one descriptor at once is waited for; -1: none.
 */
must_check int sandbox_close(int serial, struct why *why);
