/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For efi-grub.test: early/trap.c, with a trap as soon as one can be taken.
 */
#define trap_init true_trap_init
#include "early/trap.c"
#undef trap_init

void trap_init(void);

void trap_init(void)
{
	true_trap_init();
	__builtin_trap();
}
