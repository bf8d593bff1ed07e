/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the guest is, and what it is told, as the options have it.
 */
#pragma once

#include "monitor/kind.h"
#include "monitor/machine/options.h"

/* Options that do not go together end the run. Needs the count of processors. */
const struct kind *platform_choose(const struct options *options);
