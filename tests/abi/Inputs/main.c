/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares the two sides that constants.py wrote.
 */
#include <stdio.h>

extern const char *const names[];
const unsigned long long *ours(void);
const unsigned long long *theirs(void);

int main(void)
{
	int count = 0, different = 0;

	for (; names[count]; count++) {
		if (ours()[count] == theirs()[count])
			continue;
		printf("%s: ours is %#llx, Linux has %#llx\n", names[count], ours()[count],
		       theirs()[count]);
		different++;
	}
	printf("%d compared, %d different\n", count, different);
	return different != 0;
}
