/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line, split in place in a copy.
 */
#include "kernel/cmdline.h"
#include "early/boot_info.h"
#include "early/fatal.h"
#include "lib/format.h"
#include "lib/string.h"

static char text[BOOT_CMDLINE_MAX];
static char *words[CMDLINE_ARGS_MAX + 1]; /* NULL at the end */
static int word_count;
static int workload_at; /* the first word behind `--` */

static void split(char *s)
{
	for (;;) {
		while (*s == ' ')
			*s++ = '\0';
		if (!*s)
			return;
		if (word_count == CMDLINE_ARGS_MAX)
			exit_cannot_run("command line: more than %d words", CMDLINE_ARGS_MAX);
		words[word_count++] = s;
		while (*s && *s != ' ')
			s++;
	}
}

bool cmdline_early_has(const char *word)
{
	size_t length = strlen(word);

	for (const char *p = boot_info.cmdline; *p;) {
		size_t size = 0;

		while (p[size] && p[size] != ' ')
			size++;
		if (size == 2 && !strncmp(p, "--", 2))
			return false;
		if (size == length && !strncmp(p, word, length))
			return true;
		for (p += size; *p == ' '; p++)
			continue;
	}
	return false;
}

void cmdline_init(const char *cmdline)
{
	format(text, sizeof(text), "%s", cmdline);
	word_count = 0;
	split(text);
	words[word_count] = NULL;
	for (workload_at = 0; workload_at < word_count; workload_at++)
		if (!strcmp(words[workload_at], "--"))
			break;
}

const char *cmdline_get(const char *key)
{
	size_t length = strlen(key);

	for (int i = 0; i < workload_at; i++) {
		if (strncmp(words[i], key, length))
			continue;
		if (!words[i][length])
			return "";
		if (words[i][length] == '=')
			return words[i] + length + 1;
	}
	return NULL;
}

char **cmdline_workload(int *argc)
{
	int first = workload_at < word_count ? workload_at + 1 : word_count;

	*argc = word_count - first;
	return &words[first];
}
