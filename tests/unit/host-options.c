/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postern-vmm's command line: what is taken, what the guest gets of it, and each refusal.
 * RUN: %unit-cc %s -o %t
 */
#define _GNU_SOURCE /* strerrordesc_np() */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../host/options.c"
#include "../../host/why.c"

static struct options options;
static struct why why;

/* The list itself is tests/unit/model-transcript.c's. */
u32 transcript_events(const char *list, size_t length)
{
	return length == 7 && !memcmp(list, "hlt,npf", length) ? 5 : 0;
}

/* @line is split at blanks. */
static int parse(const char *line)
{
	static char text[256];
	static char *argv[32];
	int count = 0;

	argv[count++] = (char[]){ "postern-vmm" };
	strcpy(text, line);
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		argv[count++] = word;
	argv[count] = NULL;
	why.text[0] = '\0';
	return options_parse(argv, &options, &why);
}

static void expect_cmdline(const char *line, const char *expected)
{
	char text[CMDLINE_SIZE];

	assert(!parse(line));
	assert(!options_cmdline(&options, text, &why));
	assert(!strcmp(text, expected));
}

static void expect_refused(const char *line, const char *word)
{
	assert(parse(line) == -E_INVAL);
	assert(strstr(why.text, word));
}

static void test_taken(void)
{
	assert(!parse("image"));
	assert(options.memory == U64_C(256) << 20 && options.smp == 1 && options.timeout == 60);
	assert(!strcmp(options.vm_type, "default") && !strcmp(options.device, "/dev/kvm"));
	assert(!strcmp(options.image, "image") && !*options.workload && !options.fallback);
	assert(!parse(
		"--memory 1G --smp=4 --fallback --timeout 0 --vm-type protected image a --b"));
	assert(options.memory == U64_C(1) << 30 && options.smp == 4 && options.fallback);
	assert(!options.timeout && !strcmp(options.workload[1], "--b"));
	assert(!parse("--policy keep,fault-convert,shared-below=32M image"));
	assert(options.policy.other_side == POLICY_KEEP && options.policy.convert_on_fault);
	assert(options.policy.shared_below == U64_C(32) << 20);
	assert(options.trace_events == TRANSCRIPT_USUAL);
	assert(!parse("--trace-events hlt,npf image") && options.trace_events == 5);
	expect_refused("--trace-events hlt,np image", "--trace-events hlt,np");
	assert(!parse("--inject fail-ioctl=KVM_GET_REGS:3 image"));
	assert(!strcmp(options.inject, "KVM_GET_REGS") && options.inject_nth == 3);
	assert(!options.inject_rest && !parse("--inject fail-ioctl=KVM_GET_REGS:12+ image"));
	assert(options.inject_rest && options.inject_nth == 12);
	assert(!parse("--inject no-guest-memfd image") && options.inject_no_memfd);
	assert(!parse("--vm-type snp --certificates table image"));
	assert(!strcmp(options.certificates, "table"));
	assert(!parse("--help") && options.help);
}

static void test_refused(void)
{
	expect_refused("", "IMAGE");
	expect_refused("-x", "IMAGE");
	expect_refused("--nonsense 1 image", "nonsense");
	expect_refused("--nonsense", "nonsense");
	expect_refused("--certificates table image", "--vm-type snp");
	expect_refused("--memory", "memory");
	expect_refused("--memory 63M image", "--memory 63M");
	expect_refused("--memory 256 image", "--memory 256");
	expect_refused("--memory 18446744073709551615M image", "--memory");
	expect_refused("--memory 99999999999999999999999M image", "--memory");
	expect_refused("--memory -1M image", "--memory");
	expect_refused("--memory M image", "--memory");
	expect_refused("--smp 0 image", "--smp 0");
	expect_refused("--smp 65 image", "--smp 65");
	expect_refused("--smp 2x image", "--smp 2x");
	expect_refused("--timeout -1 image", "--timeout");
	expect_refused("--policy never image", "--policy");
	expect_refused("--policy= image", "--policy");
	expect_refused("--policy punch,,x image", "--policy");
	expect_refused("--inject fail-ioctl=KVM_GET_REGS image", "--inject");
	expect_refused("--inject fail-ioctl=:1 image", "--inject");
	expect_refused("--inject fail-ioctl=KVM_GET_REGS:0 image", "--inject");
	expect_refused("--inject fail-ioctl=KVM_GET_REGS:+ image", "--inject");
	expect_refused("--inject fail-ioctl=KVM_GET_REGS:1++ image", "--inject");
	expect_refused("--inject what=KVM_GET_REGS:1 image", "--inject");
}

static void test_cmdline(void)
{
	char *word = malloc(CMDLINE_SIZE + 1), *workload[] = { word, NULL };
	char text[CMDLINE_SIZE];

	expect_cmdline("image", "");
	expect_cmdline("--json f image share 3", "json -- share 3");
	expect_cmdline("--cmdline accept=eager image", "accept=eager");
	memset(word, 'a', CMDLINE_SIZE);
	word[CMDLINE_SIZE] = '\0';
	options.workload = workload;
	assert(options_cmdline(&options, text, &why) == -E_NOSPC);
	word[CMDLINE_SIZE - 4] = '\0';
	options.cmdline = "";
	assert(!options_cmdline(&options, text, &why));
	assert(strlen(text) == CMDLINE_SIZE - 1);
	free(word);
}

int main(void)
{
	test_taken();
	test_refused();
	test_cmdline();
	return 0;
}
