/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See port.h.
 */
#include "monitor/hardware/nested/port.h"

#include "lib/string.h"
#include "monitor/hardware/l1/device.h"
#include "monitor/hardware/l1/frame.h"
#include "monitor/machine/memory.h"

const void *nested_iopm_new(void) { return memset(memory_alloc(IOPM_SIZE), 0xff, IOPM_SIZE); }

/* A bit a port: APM2 15.10.1 */
static bool is_closed(const struct nested *n, unsigned int port)
{
	u64 pa = n->iopm + port / 8;

	return ((const u8 *)l1_frame(pa, 0))[pa % PAGE_SIZE] >> port % 8 & 1;
}

/* One of the ports that the access touches will do; the map goes on behind the last one. */
static bool is_l1s(const struct nested *n, u64 info)
{
	unsigned int port = (u16)(info >> IOIO_PORT_SHIFT);
	unsigned int size = info & IOIO_DATA_8 ? 1 : info & IOIO_DATA_16 ? 2 : 4;

	if (!nested_is_intercepted(n, VMCB_INTERCEPT_IOIO))
		return false;
	while (size--)
		if (is_closed(n, port + size))
			return true;
	return false;
}

bool nested_port(struct nested *n)
{
	if (is_l1s(n, n->l2.vmcb->control.exit_info_1))
		return true;
	l1_device_port(&n->l2);
	return false;
}
