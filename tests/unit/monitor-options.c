/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor's options end at `--`; what follows is the guest's, untouched. An unknown one is an
 * error that names it.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../../monitor/host/options.c"

static char last_error[128];

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(last_error, sizeof(last_error), fmt, args);
	va_end(args);
}

static struct options parse(const char *cmdline)
{
	struct options options;

	assert(!options_parse(&options, cmdline));
	return options;
}

static void must_refuse(const char *cmdline, const char *named)
{
	struct options options;

	last_error[0] = 0;
	assert(options_parse(&options, cmdline) == -E_INVAL);
	assert(strstr(last_error, named));
}

int main(void)
{
	struct options o = parse("");

	assert(o.snp && !o.trace && !o.quiet && !o.intercept_rdtsc && o.refuse_svm == -1);
	assert(!strcmp(o.guest_cmdline, ""));
	o = parse("platform=plain trace quiet  intercept=rdtsc -- json -- share 5");
	assert(!o.snp && o.trace && o.quiet && o.intercept_rdtsc);
	assert(!strcmp(o.guest_cmdline, "json -- share 5"));
	assert(parse("inject=svm-refuse:12 --").refuse_svm == 12);
	assert(!strcmp(parse("trace --").guest_cmdline, ""));
	/* A loader may put the image's name first. */
	assert(parse("/boot/postern-monitor.elf platform=snp").snp);
	assert(parse("monitor.elf platform=snp").snp);
	must_refuse("platform=snp /boot/x.elf", "/boot/x.elf");
	must_refuse("platform=tdy", "platform=tdy");
	must_refuse("tracing", "tracing");
	must_refuse("inject=svm-refuse:", "inject=svm-refuse:");
	must_refuse("inject=svm-refuse:1x", "inject=svm-refuse:1x");
	must_refuse("inject=svm-refuse:1234", "inject=svm-refuse:1234");
	must_refuse("------------------------------------------------------------------------"
		    "----------------------------------------------------------------------",
		    "'------");
	return 0;
}
