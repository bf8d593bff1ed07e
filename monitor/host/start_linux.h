/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts a Linux bzImage by its 64-bit protocol: all RAM of an encrypted one is there, as its
 * firmware would have accepted it.
 */
#pragma once

#include "monitor/host/start.h"

must_check int start_linux(struct vcpu *v, const struct payload *payload);
