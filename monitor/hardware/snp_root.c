/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See snp_root.h.
 */
#include "monitor/hardware/snp_root.h"

#include "monitor/hardware/state.h"
#include "monitor/machine/end.h"
#include "monitor/machine/test_root.h"

void snp_root_platform(struct snp_platform *p)
{
	if (snp_platform_init(p, test_root.firmware.bytes, test_root.firmware.size))
		end_cannot_run("the test root's firmware.bin lacks what a processor with SNP has");
	if (hardware.report_version)
		p->version = hardware.report_version;
	p->has_vlek = hardware.has_vlek;
}
