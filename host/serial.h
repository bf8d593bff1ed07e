/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other end of the guest's second serial port: a socket on which somebody listens, or a
 * terminal, such as the host's own second serial port.
 */
#pragma once

#include <stddef.h>

#include "host/why.h"

/*
 * @where: "unix:PATH", or a terminal, which becomes raw. Opens it, or -E_INVAL and a reason; a
 * machine has one.
 */
must_check int serial_open(const char *where, struct why *why);

/* -1 while there is none. */
int serial_descriptor(void);

/* The next byte that has come; -1: none has, or no more will. */
int serial_receive(void *context);

/* Waits for room. What the other end, which is gone, no longer takes, is lost. */
void serial_send(void *context, const void *data, size_t size);
