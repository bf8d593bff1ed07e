/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor's command line: `<monitor options> -- <guest command line>`.
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"

struct options {
	char platform[16];    /* platform=<kind of guest>; default snp */
	bool trace;           /* trace: the transcript goes to port 0x406 */
	bool quiet;           /* quiet: no lines but errors */
	bool intercept_rdtsc; /* intercept=rdtsc */
	int refuse_svm;       /* inject=svm-refuse:<cpu>: that processor refuses; -1: none */
	const char *guest_cmdline;
};

/* Parses @cmdline, which must live on. -E_INVAL after an error line naming the option. */
must_check int options_parse(struct options *options, const char *cmdline);
