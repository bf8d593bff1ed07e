/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole text of the stock Linux kernel: each instruction of it that has a memory operand, but
 * those that are meant to be left out, is decoded, with the length and the operands that Zydis
 * finds.
 * REQUIRES: linux
 * RUN: python3 %S/Inputs/kernel-text %linux/vmlinuz %t.text
 * RUN: %unit-cc -O1 -DTEXT='"%t.text"' %s -o %t -lZydis
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "Inputs/insn-oracle.h"

static unsigned long instructions, accepted_count, failures;

/* Returns its length; 1 for a byte that starts none. */
static size_t check(const u8 *bytes, size_t size)
{
	bool accepted;
	const char *wrong = oracle_check(bytes, size, &accepted);

	accepted_count += accepted;
	if (wrong && failures++ < 50)
		oracle_report(bytes, size, wrong);
	instructions += oracle_last.i.length != 0;
	return oracle_last.i.length ? oracle_last.i.length : 1;
}

int main(void)
{
	int file = open(TEXT, O_RDONLY);
	struct stat stat;
	const u8 *text;

	if (file < 0 || fstat(file, &stat) || !stat.st_size)
		return 1;
	text = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	if (text == MAP_FAILED)
		return 1;
	for (size_t at = 0; at < (size_t)stat.st_size;)
		at += check(text + at, (size_t)stat.st_size - at);
	printf("%lu instructions, %lu decoded, %lu failures\n", instructions, accepted_count,
	       failures);
	return failures || accepted_count < 500000;
}
