/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An address is named after the last code symbol at or below it, from the table that
 * tools/symbols.py makes: data symbols and second names of an address do not count, and behind the
 * end of code nothing has a name. The image may have been moved.
 *
 * RUN: python3 %root/tools/symbols.py %S/Inputs/nm.txt > %t.S
 * RUN: %unit-cc %s %t.S -o %t
 *
 * The table of the first of two links is empty.
 * RUN: python3 %root/tools/symbols.py /dev/null > %t.empty.S
 * RUN: %unit-cc -DEMPTY %s %t.empty.S -o %t.empty
 */
#include "lib/symbols.c"

#include <stdio.h>
#include <string.h>

#define LINKED_END 0x400000 /* of Inputs/nm.txt */

const char __text_end[1]; /* of an image that was moved */
static int failures;

static void expect(u64 linked, const char *name, u64 distance)
{
	u64 address = linked - LINKED_END + (u64)__text_end;
	u64 offset = ~0ULL;
	const char *found = symbol_lookup(address, &offset);

	if (!name && !found)
		return;
	if (name && found && !strcmp(found, name) && offset == distance)
		return;
	printf("%#lx: found %s+%#lx, not %s+%#lx\n", address, found ? found : "nothing", offset,
	       name ? name : "nothing", distance);
	failures++;
}

int main(void)
{
#ifdef EMPTY
	expect(0, NULL, 0);
	expect(~0ULL, NULL, 0);
#else
	expect(0, NULL, 0);
	expect(0x1fffff, NULL, 0);
	expect(0x200000, "entry", 0);
	expect(0x20000f, "entry", 0xf);
	expect(0x200010, "helper", 0);
	expect(0x20003f, "helper", 0x2f);
	expect(0x200040, "weak_one", 0);
	expect(0x200080, "last", 0);
	expect(0x300004, "last", 0xfff84);
	expect(0x3fffff, "last", 0x1fff7f);
	expect(0x400000, NULL, 0);
	expect(0x400020, NULL, 0);
	expect(~0ULL, NULL, 0);
#endif
	return failures != 0;
}
