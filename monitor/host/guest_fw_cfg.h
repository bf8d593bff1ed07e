/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ports of the fw_cfg that a guest sees, and of the CMOS, in which firmware finds the size of
 * its memory too.
 */
#pragma once

#include "monitor/host/fw_cfg_device.h"
#include "monitor/svm/vcpu.h"

/* The real-time clock's memory: an index, then its byte */
#define PORT_CMOS_INDEX 0x70
#define PORT_CMOS_DATA  0x71

/* Makes it, for processors that the guest may start, with a kernel for its firmware. */
void guest_fw_cfg_init(const char *cmdline, const struct fw_cfg_kernel *kernel);

/* Ports from PORT_FW_CFG_SELECTOR on, and of the CMOS. */
u32 guest_fw_cfg_in(u16 port, unsigned int size);
void guest_fw_cfg_out(u16 port, unsigned int size, u32 value);
