/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ports of the fw_cfg that a guest started by firmware sees, and of the CMOS in which its
 * memory's size is too.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* What must be intercepted. */
extern const struct guest_fw_cfg_range {
	u16 first, count;
} guest_fw_cfg_ranges[2];

/* Makes it, for processors that the guest may start. */
void guest_fw_cfg_init(const char *cmdline);

/* Whether @port is one of these, of a guest that has them. */
bool guest_fw_cfg_has(u16 port);
u32 guest_fw_cfg_in(u16 port, unsigned int size);
void guest_fw_cfg_out(u16 port, unsigned int size, u32 value);
