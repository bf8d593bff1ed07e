/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After the full pass no hook call goes through the table: each is a direct call of what the table
 * holds, or one of the two no-ops, byte for byte; and the boot line counted them right.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t | FileCheck %s -check-prefixes=CHECK,PLAIN
 * RUN: %run-guest --platform=snp %t | FileCheck %s -check-prefixes=CHECK,SNP
 * CHECK: alternatives: {{[1-9][0-9]*}} hypercalls, [[CALLS:[0-9]+]] calls direct, [[NOPS:[0-9]+]] nops
 * CHECK: [[CALLS]] direct, [[NOPS]] nops, 0 others
 * PLAIN: void hook: 66 0f 1f 44 00 00
 * PLAIN: int hook: 31 c0 0f 1f 40 00
 * SNP: void hook: e8 {{.. .. .. ..}} 90
 * SNP: int hook: e8 {{.. .. .. ..}} 90
 */
#include <stdio.h>
#include <string.h>

#include "kernel/workload.h"
#include "paravirt/pv_ops.h"

extern const struct alt_site __pv_sites_start[], __pv_sites_end[];

__attribute__((noinline, used)) static void void_hook(void) { pv_early_setup(); }

__attribute__((noinline, used)) static int int_hook(void) { return pv_accept_memory(pa(0), 0); }

static const u8 *site_of(const struct alt_site *site)
{
	return (const u8 *)&site->insn + site->insn;
}

static bool is_direct(const u8 *code)
{
	s32 distance;
	u64 target;

	memcpy(&distance, code + 1, sizeof(distance));
	target = (u64)(uintptr_t)code + 5 + (u64)(s64)distance;
	if (code[0] != 0xe8 || code[5] != 0x90)
		return false;
	/* one of the table's values */
	for (size_t at = sizeof(u64); at < sizeof(pv_ops); at += sizeof(u64)) {
		if (!memcmp((const u8 *)&pv_ops + at, &target, sizeof(target)))
			return true;
	}
	return false;
}

static bool is_nop(const u8 *code)
{
	return !memcmp(code, "\x66\x0f\x1f\x44\x00\x00", 6) ||
	       !memcmp(code, "\x31\xc0\x0f\x1f\x40\x00", 6);
}

/* The first site behind @function. */
static void show(const char *name, const void *function)
{
	for (const struct alt_site *s = __pv_sites_start; s < __pv_sites_end; s++) {
		const u8 *code = site_of(s);

		if ((uintptr_t)code - (uintptr_t)function < 64) {
			printf("%s: %02x %02x %02x %02x %02x %02x\n", name, code[0], code[1],
			       code[2], code[3], code[4], code[5]);
			return;
		}
	}
}

static int test(int argc, char **argv)
{
	unsigned int direct = 0, nops = 0, others = 0;

	(void)argc, (void)argv;
	for (const struct alt_site *s = __pv_sites_start; s < __pv_sites_end; s++) {
		if (is_direct(site_of(s)))
			direct++;
		else if (is_nop(site_of(s)))
			nops++;
		else
			others++;
	}
	printf("%u direct, %u nops, %u others\n", direct, nops, others);
	show("void hook", (const void *)void_hook);
	show("int hook", (const void *)int_hook);
	return others != 0;
}

DEFINE_WORKLOAD("test", "hook calls after the full pass", test);
