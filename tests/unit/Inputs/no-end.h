/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For native tests of what asks a host: nobody ends the guest meanwhile.
 */
#pragma once

#include <stdlib.h>

#include "early/fatal.h"

u32 panic_owner;

__attribute__((preserve_most)) void fatal_give_way_to_owner(void) { abort(); }
