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

#include "../../model/transcript.c"

#include "../../monitor/machine/options.c"

static char last_error[128];

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(last_error, sizeof(last_error), fmt, args);
	va_end(args);
}

size_t format(char *buffer, size_t size, const char *fmt, ...)
{
	(void)buffer, (void)size, (void)fmt;
	return 0;
}

size_t vformat(char *buffer, size_t size, const char *fmt, va_list args)
{
	(void)buffer, (void)size, (void)fmt, (void)args;
	return 0;
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

	assert(!strcmp(o.platform, "snp") && !o.trace && !o.quiet && !o.intercept_rdtsc);
	for (unsigned int i = 0; i < INJECT_COUNT; i++)
		assert(o.inject[i] == -1);
	assert(!strcmp(o.guest_cmdline, ""));
	o = parse("platform=plain trace quiet  intercept=rdtsc -- json -- share 5");
	assert(!strcmp(o.platform, "plain") && o.trace && o.quiet && o.intercept_rdtsc);
	assert(!strcmp(o.guest_cmdline, "json -- share 5"));
	assert(o.trace == TRANSCRIPT_USUAL &&
	       parse("trace=npf,hlt").trace == (BIT(EVENT_NPF) | BIT(EVENT_HLT)));
	assert(parse("trace=npf trace=exit").trace == (BIT(EVENT_NPF) | BIT(EVENT_EXIT)));
	assert(parse("interrupts=held").holds_interrupts);
	assert(parse("trace trace=exit,page").trace == ~0U);
	must_refuse("trace=npf,nothing", "trace=npf,nothing");
	must_refuse("trace=", "trace=");
	assert(parse("inject=cpu-setup-fail:0").inject[INJECT_CPU_SETUP_FAIL] == 0);
	assert(parse("inject=withhold:50").inject[INJECT_WITHHOLD] == 50);
	assert(parse("inject=svm-refuse:12 --").inject[INJECT_SVM_REFUSE] == 12);
	assert(!parse("").page_size && parse("pages=2m").page_size == PAGE_2M_SIZE);
	assert(parse("pages=4k").page_size == PAGE_SIZE);
	must_refuse("pages=1g", "pages=1g");
	assert(parse("platform=snp").lenient == 0);
	assert(parse("lenient=touch").lenient == LENIENT_TOUCH);
	assert(parse("lenient=convert lenient=device lenient=version").lenient ==
	       (LENIENT_CONVERT | LENIENT_DEVICE | LENIENT_VERSION));
	assert(parse("lenient=vmcall lenient=psc").lenient == (LENIENT_VMCALL | LENIENT_PSC));
	assert(!parse("").ghcb_1 && parse("ghcb=1").ghcb_1);
	assert(!parse("").ends_machine && parse("ends=machine").ends_machine);
	must_refuse("ends=", "ends=");
	assert(parse("platform=snp").features == 0 && parse("lenient=psc").features == 0);
	assert(parse("features=apic-id-list").features == FEATURE_APIC_ID_LIST);
	assert(parse("features=restricted-injection features=apic-id-list").features ==
	       (FEATURE_APIC_ID_LIST | FEATURE_RESTRICTED_INJECTION));
	assert(!parse("features=vlek").report_version && parse("report=5").report_version == 5);
	assert(parse("report=2").report_version == 2 &&
	       parse("features=vlek").features == FEATURE_VLEK);
	must_refuse("report=1", "report=1");
	assert(!parse("report=5").quote_version && parse("quote=4").quote_version == 4);
	assert(parse("quote=5").quote_version == 5 && !parse("quote=5").report_version);
	must_refuse("quote=3", "quote=3");
	must_refuse("quote=45", "quote=45");
	must_refuse("report=6", "report=6");
	must_refuse("report=", "report=");
	o = parse("inject=tdx-lenient inject=tdx-busy:999999");
	assert(o.inject[INJECT_TDX_LENIENT] == 1 && o.inject[INJECT_TDX_BUSY] == 999999);
	assert(!strcmp(parse("trace --").guest_cmdline, ""));
	/* A loader may put the image's name first. */
	assert(!strcmp(parse("/boot/postern-monitor.elf platform=tdx").platform, "tdx"));
	assert(!strcmp(parse("monitor.elf platform=tdx").platform, "tdx"));
	must_refuse("platform=snp /boot/x.elf", "/boot/x.elf");
	/* Whether there is such a kind of guest is not for the parser to know. */
	must_refuse("platform=", "platform=");
	must_refuse("platform=0123456789abcdef", "platform=0123456789abcdef");
	must_refuse("tracing", "tracing");
	must_refuse("lenient=", "lenient=");
	must_refuse("ghcb=2", "ghcb=2");
	must_refuse("features=timer", "features=timer");
	must_refuse("inject=svm-refuse:", "inject=svm-refuse:");
	must_refuse("inject=svm-refuse:1x", "inject=svm-refuse:1x");
	must_refuse("inject=svm-refuse:1234567", "inject=svm-refuse:1234567");
	must_refuse("inject=svm", "inject=svm");
	must_refuse("------------------------------------------------------------------------"
		    "----------------------------------------------------------------------",
		    "'------");
	return 0;
}
