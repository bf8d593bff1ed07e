/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MapGPA goes on where the host stopped, forward only and inside the request; ACCEPT falls back
 * from 2M to 4K, waits for a busy module, and takes a page that is accepted already for an attack.
 * Every wait ends.
 * RUN: %unit-cc -include %S/Inputs/tdx-host.h %s %S/Inputs/tdx-host.c %root/early/tdvmcall.c \
 * RUN:   %root/lib/format.c -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../../paravirt/tdx_pages.c"
#include "Inputs/no-end.h"

#define SHARED BIT(51)
#define M2     ((u64)PAGE_2M_SIZE)

/* ---- MapGPA: the host answers with these, one a call */

static struct {
	u64 status, next;
} answers[40];
static unsigned int answer;
static u64 asked_from[40], asked_size[40];

static u64 host_maps(struct tdx_module_args *args)
{
	assert(args->r11 == TDVMCALL_MAP_GPA && !args->r14 && !args->r15);
	asked_from[answer] = args->r12;
	asked_size[answer] = args->r13;
	args->r10 = answers[answer].status;
	args->r11 = answers[answer].next;
	answer++;
	return 0;
}

static bool private;

static void map(void) { tdx_map_gpa(pa(0x200000), 3 * 512, private); }

static void start(void)
{
	memset(answers, 0, sizeof(answers));
	answer = 0;
	host_vmcall = host_maps;
}

static void test_map(void)
{
	start();
	private = true;
	assert(!host_is_told(map) && answer == 1);
	assert(asked_from[0] == 0x200000 && asked_size[0] == 3 * M2);

	start();
	private = false;
	assert(!host_is_told(map) && answer == 1);
	assert(asked_from[0] == (0x200000 | SHARED) && asked_size[0] == 3 * M2);
}

static void retry(unsigned int i, u64 next)
{
	answers[i].status = TDVMCALL_STATUS_RETRY;
	answers[i].next = next;
}

static void test_retry(void)
{
	start();
	retry(0, 0x400000 | SHARED);
	retry(1, 0x401000 | SHARED);
	assert(!host_is_told(map) && answer == 3);
	assert(asked_from[1] == (0x400000 | SHARED) && asked_size[1] == 2 * M2);
	assert(asked_from[2] == (0x401000 | SHARED) && asked_size[2] == 2 * M2 - 0x1000);
}

static void expect_bad_next(u64 next)
{
	start();
	retry(0, 0x400000 | SHARED);
	retry(1, next);
	assert(host_is_told(map) && host_reason == TERM_RESPONSE && answer == 2);
}

static void test_bad_hosts(void)
{
	expect_bad_next(0x3ff000 | SHARED); /* back */
	expect_bad_next(0x800000 | SHARED); /* the end, which is no RETRY */
	expect_bad_next(0x900000 | SHARED); /* behind it */
	expect_bad_next(0x400800 | SHARED); /* inside a page */
	expect_bad_next(0x500000);          /* the other half */
	expect_bad_next(~U64_C(0) - 0xfff); /* anywhere */

	start();
	for (unsigned int i = 0; i < 40; i++)
		retry(i, 0x200000 | SHARED);
	assert(host_is_told(map) && host_reason == TERM_PSC && answer < 20);

	start();
	answers[0].status = TDVMCALL_STATUS_GPA_INUSE;
	assert(host_is_told(map) && host_reason == TERM_PSC);
	assert(strstr(host_message, "0x8000000000000001"));
}

/* ---- ACCEPT: what the module has, by page */

static u64 accepted_2m, accepted_4k, small_unit, taken_page;
static bool all_small;
static unsigned int refused_2m;
static unsigned int busy;
static u64 busy_status;

static u64 module_accepts(u64 leaf, struct tdx_module_args *args)
{
	u64 gpa = args->rcx & TDX_PAGE_GPA_MASK, level = args->rcx & TDX_LEVEL_MASK;

	assert(leaf == TDG_MEM_PAGE_ACCEPT && !args->rdx && !args->r8);
	assert(level == TDX_LEVEL_4K || (level == TDX_LEVEL_2M && gpa % M2 == 0));
	if (busy) {
		busy--;
		return busy_status;
	}
	if (level == TDX_LEVEL_2M && (gpa == small_unit || all_small))
		return refused_2m++, TDX_PAGE_SIZE_MISMATCH | 1;
	if (level == TDX_LEVEL_4K && gpa == taken_page)
		return TDX_PAGE_ALREADY_ACCEPTED;
	*(level ? &accepted_2m : &accepted_4k) += 1;
	return 0;
}

static u64 accept_from, accept_pages;

static void accept_now(void) { tdx_accept(pa(accept_from), accept_pages); }

static bool accept_fails(u64 from, u64 pages)
{
	host_module = module_accepts;
	accepted_2m = accepted_4k = 0;
	accept_from = from;
	accept_pages = pages;
	return host_is_told(accept_now);
}

static void test_accept(void)
{
	small_unit = taken_page = ~U64_C(0);
	assert(!accept_fails(0x200000, 1024) && accepted_2m == 2 && !accepted_4k);
	assert(!accept_fails(0x1ff000, 1 + 512 + 3) && accepted_2m == 1 && accepted_4k == 4);
	small_unit = 0x400000;
	assert(!accept_fails(0x200000, 3 * 512) && accepted_2m == 2 && accepted_4k == 512);
	taken_page = 0x5ff000;
	assert(accept_fails(0x200000, 3 * 512) && host_reason == TERM_PVALIDATE);
	assert(strstr(host_message, "0x5ff000") && strstr(host_message, "0xb0a00000000"));
	taken_page = ~U64_C(0);
}

/* A host that has small pages only is not asked for each 2M, but now and then; till it has some. */
static void test_patience(void)
{
	all_small = true;
	refused_2m = 0;
	assert(!accept_fails(0x200000, 200 * 512) && accepted_4k == 200 * 512);
	assert(refused_2m == 9); /* the units 0, 1, 3, 6, 11, 20, 37, 70, 135 */
	all_small = false;
	assert(!accept_fails(0x200000, 200 * 512) && accepted_4k == 512 && accepted_2m == 199);
}

static void test_busy(void)
{
	busy_status = TDX_OPERAND_BUSY | TDX_OPERAND_RCX;
	busy = 20;
	assert(!accept_fails(0x200000, 512) && !busy && accepted_2m == 1);
	busy_status = TDX_OPERAND_BUSY_HOST_PRIORITY;
	busy = 3;
	assert(!accept_fails(0x200000, 1) && accepted_4k == 1);
	busy = ~0U;
	assert(accept_fails(0x200000, 1) && host_reason == TERM_PVALIDATE);
	busy = 0;
}

int main(void)
{
	platform.shared_mask = SHARED;
	test_map();
	test_retry();
	test_bad_hosts();
	test_accept();
	test_busy();
	test_patience();
	puts("ok");
	return 0;
}
