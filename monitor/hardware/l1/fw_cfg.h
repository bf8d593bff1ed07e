/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QEMU's fw_cfg, by which the monitor is handed its own files, keys of the processor among them:
 * L1 finds nobody at its ports.
 */
#pragma once

#include "monitor/hardware/l1/device.h"

extern struct l1_device l1_fw_cfg;
