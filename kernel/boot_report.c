/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What boot_info and platform know, as lines; and the command line is taken apart.
 */
#include "kernel/boot_report.h"
#include "abi/termination.h"
#include "early/boot_info.h"
#include "early/fatal.h"
#include "early/memory_map.h"
#include "early/platform.h"
#include "kernel/cmdline.h"
#include "lib/format.h"
#include "lib/log.h"
#include "lib/string.h"
#include "paravirt/snp.h"

void boot_report(void)
{
	char vendor[64], hypervisor[64], cmdline[512];

	log_info("platform: %s%s, %s%s%s%s", platform.name, platform.emulated ? " (emulated)" : "",
		 quote(vendor, sizeof(vendor), platform.vendor),
		 platform.hypervisor[0] ? " under " : "",
		 platform.hypervisor[0] ? quote(hypervisor, sizeof(hypervisor), platform.hypervisor)
					: "",
		 secure_tsc_whose());
	if (boot_info_error())
		exit_cannot_run("boot: %s", boot_info_error());
	quote(cmdline, sizeof(cmdline), boot_info.cmdline);
	if (boot_info.measured == MEASURED_WRONG)
		fatal(TERM_CONFIG, "boot: command line %s is not what the image was measured with",
		      cmdline);
	log_info("boot: loader %s, %lu MiB of RAM in %u ranges, command line %s, %s",
		 boot_info.loader, memory_map_ram_size() >> 20, memory_map.count, cmdline,
		 boot_info.measured == MEASURED_RIGHT ? "measured" : "not measured");
	cmdline_init(boot_info.cmdline);
}

bool boot_accept_all(void)
{
	const char *when = cmdline_get("accept");
	char quoted[64];

	if (!when || !strcmp(when, "lazy"))
		return false;
	if (strcmp(when, "eager"))
		exit_cannot_run("command line: accept=%s: must be lazy or eager",
				quote(quoted, sizeof(quoted), when));
	return true;
}
