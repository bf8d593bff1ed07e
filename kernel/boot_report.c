/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What boot_info and platform know, as lines; and the command line is taken apart.
 */
#include "kernel/boot_report.h"
#include "early/boot_info.h"
#include "early/platform.h"
#include "kernel/cmdline.h"
#include "kernel/exit.h"
#include "lib/log.h"
#include "lib/string.h"

static u64 ram_size(void)
{
	u64 size = 0;

	for (u32 i = 0; i < boot_info.range_count; i++)
		if (boot_info.ranges[i].type == BOOT_RANGE_RAM)
			size += boot_info.ranges[i].size;
	return size;
}

void boot_report(void)
{
	log_info("platform: %s%s, %s%s%s", platform.name, platform.emulated ? " (emulated)" : "",
		 platform.vendor, platform.hypervisor[0] ? " under " : "", platform.hypervisor);
	if (boot_info_error())
		exit_cannot_run("boot: %s", boot_info_error());
	log_info("boot: loader %s, %lu MiB of RAM in %u ranges, command line \"%s\"",
		 boot_info.loader, ram_size() >> 20, boot_info.range_count, boot_info.cmdline);
	cmdline_init(boot_info.cmdline);
}

bool boot_accept_all(void)
{
	const char *when = cmdline_get("accept");

	if (!when || !strcmp(when, "lazy"))
		return false;
	if (strcmp(when, "eager"))
		exit_cannot_run("command line: accept=%s: must be lazy or eager", when);
	return true;
}
