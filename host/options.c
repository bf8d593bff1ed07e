/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See options.h.
 */
#define _GNU_SOURCE
#include "host/options.h"

#include "model/transcript.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char options_help[] =
	"Usage: postern-vmm [options] IMAGE [workload [arguments...]]\n"
	"\n"
	"Boots an ELF64 image with a PVH entry on this machine's KVM, and plays the host's part\n"
	"when the guest makes memory shared or private.\n"
	"\n"
	"  --memory SIZE    as 256M or 1G (default 256M)\n"
	"  --smp N          processors (default 1)\n"
	"  --vm-type T      default, protected, sev, sev-es, snp, tdx\n"
	"  --fallback       where that type cannot be had, go on with the next plainer one\n"
	"  --policy WORDS   comma-separated, for a VM with private memory: what a conversion does\n"
	"                   to the other side's memory, punch (default) or keep; fault-convert or\n"
	"                   fault-refuse (default); shared-below=SIZE\n"
	"  --cmdline S      words for the guest, before the workload\n"
	"  --trace FILE     the transcript, a line for each exit that reaches us\n"
	"  --trace-events L only those of these kinds, as hlt,mmio\n"
	"  --json FILE      the guest's results, and ours\n"
	"  --timeout S      give up after S seconds (default 60; 0: never)\n"
	"  --serial WHERE   a second serial port: to who listens at unix:PATH, or a terminal\n"
	"  --certificates F what an SNP guest gets with its report: the table of GHCB 4.1.8.1\n"
	"  --device FILE    instead of /dev/kvm\n"
	"  --inject WHAT    for tests: fail-ioctl=NAME:N, the Nth request of this name fails,\n"
	"                   N+: and all later ones; no-guest-memfd: private memory is not there\n"
	"\n"
	"Exit status: 0 the workload succeeded, 1 it failed, 2 it cannot run here, 3 the guest\n"
	"terminated itself by protocol, 4 it broke a rule of the host's, 5 crash or panic,\n"
	"124 timeout.\n";

/* All of @text, in [@min, @max]. */
static int parse_number(const char *text, u64 min, u64 max, u64 *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || *number < min || *number > max)
		return -E_INVAL;
	return 0;
}

static int parse_size(const char *text, u64 min, u64 max, u64 *size)
{
	size_t length = strlen(text);
	char digits[16];
	unsigned int shift;

	if (length < 2 || length > sizeof(digits))
		return -E_INVAL;
	switch (text[length - 1]) {
	case 'M': shift = 20; break;
	case 'G': shift = 30; break;
	default: return -E_INVAL;
	}
	memcpy(digits, text, length - 1);
	digits[length - 1] = '\0';
	if (parse_number(digits, 0, max >> shift, size))
		return -E_INVAL;
	*size <<= shift;
	return *size < min ? -E_INVAL : 0;
}

static int parse_policy_word(const char *word, struct policy *policy)
{
	if (!strcmp(word, "punch"))
		policy->other_side = POLICY_PUNCH;
	else if (!strcmp(word, "keep"))
		policy->other_side = POLICY_KEEP;
	else if (!strcmp(word, "fault-convert"))
		policy->convert_on_fault = true;
	else if (!strcmp(word, "fault-refuse"))
		policy->convert_on_fault = false;
	else if (!strncmp(word, "shared-below=", 13))
		return parse_size(word + 13, PAGE_2M_SIZE / 2, MEMORY_MAX, &policy->shared_below);
	else
		return -E_INVAL;
	return 0;
}

static int parse_policy(char *words, struct policy *policy)
{
	char *rest, *word = strtok_r(words, ",", &rest);
	int error = word ? 0 : -E_INVAL;

	for (; word && !error; word = strtok_r(NULL, ",", &rest))
		error = parse_policy_word(word, policy);
	return error;
}

/* "fail-ioctl=NAME:N" or "...:N+", taken apart in place, or "no-guest-memfd". */
static int parse_inject(char *text, struct options *o)
{
	char *colon = strrchr(text, ':'), *last = text + strlen(text) - 1;

	if (!strcmp(text, "no-guest-memfd")) {
		o->inject_no_memfd = true;
		return 0;
	}
	if (strncmp(text, "fail-ioctl=", 11) || !colon || colon == text + 11)
		return -E_INVAL;
	*colon = '\0';
	o->inject = text + 11;
	o->inject_rest = *last == '+';
	if (o->inject_rest)
		*last = '\0';
	return parse_number(colon + 1, 1, ~U64_C(0) >> 1, &o->inject_nth);
}

static int take_value(const char *name, char *value, struct options *o)
{
	u64 number;
	int error;

	if (!strcmp(name, "memory"))
		return parse_size(value, MEMORY_MIN, MEMORY_MAX, &o->memory);
	if (!strcmp(name, "policy"))
		return parse_policy(value, &o->policy);
	if (!strcmp(name, "inject"))
		return parse_inject(value, o);
	if (!strcmp(name, "trace-events")) {
		o->trace_events = transcript_events(value, strlen(value));
		return o->trace_events ? 0 : -E_INVAL;
	}
	if (!strcmp(name, "smp")) {
		error = parse_number(value, 1, VCPU_MAX, &number);
		o->smp = (unsigned int)number;
		return error;
	}
	if (!strcmp(name, "timeout")) {
		error = parse_number(value, 0, 1000000, &number);
		o->timeout = (unsigned int)number;
		return error;
	}
	return -E_NOENT;
}

static const char **text_option(const char *name, struct options *o)
{
	if (!strcmp(name, "vm-type"))
		return &o->vm_type;
	if (!strcmp(name, "device"))
		return &o->device;
	if (!strcmp(name, "cmdline"))
		return &o->cmdline;
	if (!strcmp(name, "trace"))
		return &o->trace;
	if (!strcmp(name, "json"))
		return &o->json;
	if (!strcmp(name, "serial"))
		return &o->serial;
	if (!strcmp(name, "certificates"))
		return &o->certificates;
	return NULL;
}

static bool is_switch(const char *name, struct options *o)
{
	if (!strcmp(name, "fallback"))
		return o->fallback = true;
	if (!strcmp(name, "help"))
		return o->help = true;
	return false;
}

/* One option at *@argv, as --name VALUE or --name=VALUE; leaves *@argv at its last word. */
static int take_option(char ***argv, struct options *o, struct why *why)
{
	char *name = **argv + 2, *value = strchr(name, '=');
	const char **text;
	int error;

	if (is_switch(name, o))
		return 0;
	if (value)
		*value++ = '\0';
	else
		value = *++*argv;
	if (!value) {
		--*argv;
		return why_set(why, -E_INVAL, "--%s: unknown, or needs a value; see --help", name);
	}
	text = text_option(name, o);
	if (text) {
		*text = value;
		return 0;
	}
	error = take_value(name, value, o);
	if (error == -E_NOENT)
		return why_set(why, -E_INVAL, "unknown option --%s; see --help", name);
	return error ? why_set(why, error, "--%s %s: not a value that it can have", name, value)
		     : 0;
}

int options_parse(char **argv, struct options *o, struct why *why)
{
	*o = (struct options){
		.memory = U64_C(256) << 20,
		.smp = 1,
		.vm_type = "default",
		.device = "/dev/kvm",
		.cmdline = "",
		.timeout = 60,
		.trace_events = TRANSCRIPT_USUAL,
	};
	for (argv++; *argv && !strncmp(*argv, "--", 2); argv++) {
		int error = take_option(&argv, o, why);

		if (error)
			return error;
	}
	if (o->help)
		return 0;
	if (!*argv || **argv == '-')
		return why_set(why, -E_INVAL, "no IMAGE; see --help");
	if (o->certificates && strcmp(o->vm_type, "snp"))
		return why_set(why, -E_INVAL, "--certificates are an SNP guest's: --vm-type snp");
	o->image = *argv;
	o->workload = argv + 1;
	return 0;
}

int options_cmdline(const struct options *o, char text[CMDLINE_SIZE], struct why *why)
{
	size_t used = 0;
	const char *gap = "";

	text[0] = '\0';
#define ADD(word)                                                                                  \
	do {                                                                                       \
		used += (size_t)snprintf(text + used, CMDLINE_SIZE - used, "%s%s", gap, word);     \
		if (used >= CMDLINE_SIZE)                                                          \
			return why_set(why, -E_NOSPC, "the guest's command line is too long");     \
		gap = used ? " " : "";                                                             \
	} while (0)
	if (o->json)
		ADD("json");
	if (*o->cmdline)
		ADD(o->cmdline);
	if (*o->workload)
		ADD("--");
	for (char **word = o->workload; *word; word++)
		ADD(*word);
#undef ADD
	return 0;
}
