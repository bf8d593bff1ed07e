/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoder agrees with Zydis on whatever libFuzzer comes up with, and reads no byte too many.
 * Longer: run the program by hand with -max_total_time=SECONDS.
 * RUN: %unit-cc -O1 %s -o %t -fsanitize=fuzzer -lZydis
 */
#include "Inputs/insn-oracle.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* Without arguments: a short run that is the same every time. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char *arguments[] = { NULL,          "-runs=500000", "-seed=1",
				     "-max_len=18", "-verbosity=0", NULL };

	if (*argc != 1)
		return 0;
	arguments[0] = (*argv)[0];
	*argv = arguments;
	*argc = array_count(arguments) - 1;
	return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	bool accepted;
	const char *wrong = oracle_check(data, size, &accepted);

	if (!wrong)
		return 0;
	oracle_report(data, size, wrong);
	abort();
}
