/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An exit of L2: whose it is.
 */
#pragma once

#include "monitor/hardware/nested/nested.h"

/*
 * The monitor's own are handled: false. True: it is L1's, and the VMCB of ours says what L1's is to
 * say, decode assists and next RIP included.
 */
bool nested_exit(struct nested *n);
