/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See tdx_root.h.
 */
#include "monitor/hardware/tdx_root.h"

#include "monitor/hardware/state.h"
#include "monitor/machine/end.h"
#include "monitor/machine/options.h"
#include "monitor/machine/test_root.h"

void tdx_root_platform(struct tdx_platform *p)
{
	if (tdx_platform_init(p, test_root.firmware.bytes, test_root.firmware.size))
		end_cannot_run("the test root's firmware.bin lacks what a processor with TDX has");
	if (hardware.quote_version)
		p->quote_version = hardware.quote_version;
	p->has_service = guest.inject[INJECT_QUOTE_ABSENT] < 0;
}
