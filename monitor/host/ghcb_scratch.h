/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that a request by the GHCB names by SW_SCRATCH: in the page, or shared with the host.
 */
#pragma once

#include "monitor/host/ghcb_exit.h"

/* The shared buffer at SW_SCRATCH for @size bytes, or NULL after an error reply. */
u8 *scratch_inside(const struct ghcb_request *r, u64 size);

/* @size bytes at SW_SCRATCH to @data, or from it; false after an error reply. */
bool scratch_copy(const struct ghcb_request *r, void *data, u64 size, bool to_guest);
