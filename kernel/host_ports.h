/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's ports, by pv_ops, for who asks the host by a table of functions.
 */
#pragma once

#include "early/boot_info.h"

/* boot_info_ask(), with a page that is shared for it and private again afterwards. */
void host_ports_ask(void);
