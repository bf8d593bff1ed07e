/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See fw_cfg.h.
 */
#include "monitor/hardware/l1/fw_cfg.h"

#include "abi/firmware.h"

static void init(void) {}

static bool port(u16 number, unsigned int size, bool write, u32 *value)
{
	(void)number;
	if (!write)
		*value = (u32)bits_mask(8 * size);
	return true;
}

struct l1_device l1_fw_cfg = {
	.init = init,
	.first_port = PORT_FW_CFG_SELECTOR,
	.port_count = PORT_FW_CFG_DMA + 8 - PORT_FW_CFG_SELECTOR,
	.port = port,
};
