/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's command line: `[key[=value] ...] [-- workload [argument ...]]`, words split at
 * blanks; no quoting.
 */
#pragma once

#include "abi/bits.h"

#define CMDLINE_ARGS_MAX 32

/* Splits boot_info's command line, once. */
void cmdline_init(const char *cmdline);
/* Whether @word stands before `--`: the only question that is answered before cmdline_init(). */
bool cmdline_early_has(const char *word);
/* The value of @key, "" when it stands without a value, NULL when it is absent. */
const char *cmdline_get(const char *key);
/* The words after `--`; argv[argc] is NULL. */
char **cmdline_workload(int *argc);
