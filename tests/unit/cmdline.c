/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's command line: keys before `--`, the workload's words after it, blanks anywhere.
 * RUN: %unit-cc %s -o %t
 */
#include "lib/format.c"

#include "kernel/cmdline.c" /* last: its names are common words */

#undef NDEBUG
#include <assert.h>
#include <setjmp.h>
#include <string.h>

struct boot_info boot_info;
static jmp_buf refused;

noreturn_t exit_cannot_run(const char *fmt, ...)
{
	(void)fmt;
	longjmp(refused, 1);
}

int main(void)
{
	char many[BOOT_CMDLINE_MAX];
	char **argv;
	int argc;

	assert(!cmdline_early_has("early-patch=off"));
	strcpy(boot_info.cmdline, " json early-patch=off -- share early-patch=on");
	assert(cmdline_early_has("early-patch=off") && cmdline_early_has("json"));
	assert(!cmdline_early_has("early-patch=on") && !cmdline_early_has("early"));

	cmdline_init("");
	assert(!cmdline_get("json"));
	argv = cmdline_workload(&argc);
	assert(argc == 0 && !argv[0]);

	cmdline_init("  json  name=value x= -- share  10 -- json2 ");
	assert(!strcmp(cmdline_get("json"), "") && !strcmp(cmdline_get("name"), "value"));
	assert(!strcmp(cmdline_get("x"), "") && !cmdline_get("js") && !cmdline_get("json2"));
	assert(!cmdline_get("share"));
	argv = cmdline_workload(&argc);
	assert(argc == 4 && !strcmp(argv[0], "share") && !strcmp(argv[1], "10"));
	assert(!strcmp(argv[2], "--") && !strcmp(argv[3], "json2") && !argv[4]);

	cmdline_init("json --");
	argv = cmdline_workload(&argc);
	assert(argc == 0 && !argv[0] && cmdline_get("json"));

	memset(many, 0, sizeof(many));
	for (int i = 0; i < CMDLINE_ARGS_MAX; i++)
		memcpy(many + 2 * i, "a ", 2);
	assert(!setjmp(refused));
	cmdline_init(many);
	many[2 * CMDLINE_ARGS_MAX] = 'a';
	if (!setjmp(refused)) {
		cmdline_init(many);
		assert(false);
	}
	return 0;
}
