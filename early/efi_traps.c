/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GDT cannot be exchanged together with the IDT. So our gates name firmware's code segment as
 * long as it is the one in use, and the GDT that follows has this one, and its stack segment, where
 * firmware has them, beside our own.
 * Does not: cover a firmware whose selectors are ours with another meaning, or far up in its table.
 */
#include "early/efi_traps.h"

#include "abi/bits.h"
#include "early/entry.h"
#include "early/percpu.h"
#include "early/trap.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/string.h"

#define ENTRIES  64
#define OWN      (SEL_CODE32 / 8 + 1) /* of early_gdt */
#define INDEX(s) ((s) / 8)

extern const u64 early_gdt[OWN]; /* entry32.S */

static u64 gdt[ENTRIES];
/* entry_efi64.S */
const struct table_register efi_gdt_pointer = { sizeof(gdt) - 1, (u64)(uintptr_t)gdt };

/* False: there is no room for what @selector means to firmware. */
static bool add(u16 selector, u16 own)
{
	unsigned int at = INDEX(selector);

	if (at >= OWN && at < ENTRIES)
		gdt[at] = early_gdt[INDEX(own)];
	return at < ENTRIES && gdt[at] == early_gdt[INDEX(own)];
}

void efi_traps_prepare(void)
{
	u16 code = read_cs();

	memcpy(gdt, early_gdt, sizeof(early_gdt));
	(void)add(read_ss(), SEL_DATA);
	trap_prepare(add(code, SEL_CODE64) ? code : SEL_CODE64);
}

void efi_traps_take(void)
{
	cli();
	percpu_load(0);
	trap_load();
}
