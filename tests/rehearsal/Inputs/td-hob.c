/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints what the guest reads from the list of memory that a real QEMU wrote into file HOB.
 */
#include "early/boot_td_hob.c"

#include "../../unit/Inputs/boot.h"

static u8 list[0x2000]; /* TD_HOB_SIZE */

int main(void)
{
	FILE *file = fopen(HOB, "rb");

	reset_info();
	assert(file && fread(list, 1, sizeof(list), file) == sizeof(list));
	fclose(file);
	if (boot_td_hob_parse(list, sizeof(list), &given, &error)) {
		puts(error.text);
		return 1;
	}
	for (u32 i = 0; i < given.count; i++)
		printf("%#lx to %#lx%s\n", given.ranges[i].start,
		       memory_range_end(&given.ranges[i]),
		       given.ranges[i].accepted ? " accepted" : "");
	return 0;
}
