/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a host lies: the words that say so, to the last character, and what is told when.
 * RUN: %monitor-cc %s -o %t
 */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "lib/format.c"
#include "monitor/host/point.h"

static struct points points;
static u64 told_count, told_honest, told_said, told_at;

static void told(const struct lie *lie, u64 occurrence, u64 honest, u64 said)
{
	(void)lie;
	told_count++;
	told_at = occurrence;
	told_honest = honest;
	told_said = said;
}

static int add(const char *text) { return points_add(&points, text, strlen(text)); }

static void begin(const char *text)
{
	points = (struct points){ .told = told };
	told_count = 0;
	assert(!add(text));
}

static void test_words(void)
{
	static const char *const good[] = {
		"ghcb-info2/ap-jump-table@0=0xa0000",
		"msr-code/psc@18446744073709551615",
		"td-r10/map-gpa@3x2=^0x8000000000000000",
		"read/apic@0xall=0",
		"byte/fw-cfg@1077=255",
		"nmi/request@7",
		"event/request@1x18446744073709551615=14",
		"ghcb-rax/cpuid@0=last",
		"ghcb-rax/cpuid@0=18446744073709551615",
		"event/start@0+10000000x2=14",
		"write/request@3+1=0x263000:0xffffffffffffffff",
		"write/request@3=2502656:^1",
		"page-take/request@3=0x200000",
		"page-block/start@0+5=4096",
		"cpu-late/start@0=1000",
	};
	static const char *const bad[] = {
		"",
		"ghcb-info2",
		"ghcb-info2/",
		"ghcb-info2/ap-jump-table",
		"ghcb-info2/ap-jump-table@",
		"ghcb-info2/ap-jump-table@0=",
		"ghcb-info2/ap-jump-table@0x",
		"ghcb-info2/ap-jump-table@0x0",
		"ghcb-info2/ap-jump-table@0x10x",
		"ghcb-info2/ap-jump-table@0=0x",
		"ghcb-info2/ap-jump-table@0=0x10000000000000000",
		"ghcb-info2/ap-jump-table@0=18446744073709551616",
		"ghcb-info2/ap-jump-table@18446744073709551616",
		"ghcb-info2/ap-jump-table@0=^",
		"ghcb-info2/ap-jump-table@0=lasts",
		"ghcb-info2/ap-jump-table@0=0xg",
		"ghcb-info2/ap-jump-table@-1",
		"ghcb-info/ap-jump-table@0",
		"ghcb-info2/jump-table@0",
		"ghcb-info2/sev-info@0", /* by MSR, which has no such field */
		"msr-code/port-in@0",
		"td-r10/request@0",
		"read/cpuid@0",
		"/cpuid@0",
		"ghcb-rax/cpuid@0+1=1", /* what is said is said at once */
		"cpu-never/start@0+1",
		"event/request@0+10000001=14",
		"event/request@0+=14",
		"event/request@0x2+1=14",
		"event/request@0=last",
		"event/request@0=^1",
		"event/request@0=1:1",
		"write/request@0", /* what, and where? */
		"write/request@0=1",
		"write/request@0=1:",
		"write/request@0=:1",
		"write/request@0=^1:1",
		"page-take/request@0",
		"page-take/request@0=0x200000:1",
		"page-take/psc@0=0x200000",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		begin(good[i]);
		/* Each beginning of it is one too, or is not, and reads no further. */
		for (size_t length = 0; length < strlen(good[i]); length++) {
			char part[64];

			memcpy(part, good[i], length);
			points.lie_count = 0;
			(void)!points_add(&points, part, length);
		}
	}
	points = (struct points){ .told = told };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (add(bad[i]) != -E_INVAL) {
			printf("\"%s\" is taken\n", bad[i]);
			assert(false);
		}
	assert(!points.lie_count);
	for (int i = 0; i < POINT_LIES_MAX; i++)
		assert(!add("nmi/request@1"));
	assert(add("nmi/request@1") == -E_NOSPC);
}

static u64 ask(u64 honest)
{
	points_see(&points, POINT_GHCB_CPUID);
	return points_tell(&points, POINT_GHCB_RAX, POINT_GHCB_CPUID, honest);
}

static void test_times(void)
{
	begin("ghcb-rax/cpuid@2x2=7");
	assert(ask(10) == 10 && ask(11) == 11 && !told_count);
	assert(ask(12) == 7 && told_count == 1 && told_at == 2 && told_honest == 12 &&
	       told_said == 7);
	assert(ask(13) == 7 && ask(14) == 14 && told_count == 2);
	begin("ghcb-rax/cpuid@1xall");
	assert(ask(10) == 10);
	for (int i = 0; i < 1000; i++)
		assert(ask(11) == ~U64_C(0));
	/* The last occurrence that there can be, and none behind it */
	begin("ghcb-rax/cpuid@18446744073709551614xall=1");
	assert(ask(5) == 5);
	points.seen[POINT_GHCB_CPUID] = ~U64_C(0) - 1;
	assert(ask(5) == 1);
}

static void test_values(void)
{
	begin("ghcb-rax/cpuid@1=^0x8000000000000001");
	assert(ask(1) == 1 && ask(3) == 0x8000000000000002);
	begin("ghcb-rax/cpuid@0x2=last");
	assert(ask(5) == 0 && ask(6) == 5 && ask(7) == 7); /* the honest one, before the first 0 */
	/* Of another field, or another class, nothing is told. */
	begin("ghcb-rax/cpuid@0xall=1");
	points_see(&points, POINT_GHCB_CPUID);
	assert(points_tell(&points, POINT_GHCB_RBX, POINT_GHCB_CPUID, 9) == 9);
	points_see(&points, POINT_GHCB_RDTSC);
	assert(points_tell(&points, POINT_GHCB_RAX, POINT_GHCB_RDTSC, 9) == 9);
	assert(points_has(&points, POINT_GHCB_RAX, POINT_GHCB_CPUID) &&
	       !points_has(&points, POINT_GHCB_RBX, POINT_GHCB_CPUID));
	/* Two about one field: one after the other */
	begin("ghcb-rax/cpuid@0=8");
	assert(!add("ghcb-rax/cpuid@1=^1"));
	assert(ask(4) == 8 && ask(4) == 5 && ask(4) == 4);
}

static struct lie *due(enum point_request request)
{
	unsigned int i = 0;

	return points_due(&points, request, &i);
}

static void test_doings(void)
{
	unsigned int i = 0;

	begin("event/request@1=14");
	points_see(&points, POINT_ANY_REQUEST);
	assert(!due(POINT_ANY_REQUEST));
	points_see(&points, POINT_ANY_REQUEST);
	assert(!due(POINT_ANY_START));
	assert(due(POINT_ANY_REQUEST)->value == 14 && !told_count);
	points_done(&points, due(POINT_ANY_REQUEST), 2, 3);
	assert(told_count == 1 && told_at == 1 && told_honest == 2 && told_said == 3);
	points_see(&points, POINT_ANY_REQUEST);
	assert(!due(POINT_ANY_REQUEST));
	/* Two of one request, each once; a page's is another class. */
	begin("write/request@0+77=0x263008:^1");
	assert(!add("nmi/request@0") && !add("page-take/request@0=0x200000"));
	points_see(&points, POINT_ANY_REQUEST);
	points_see(&points, POINT_PAGE_REQUEST);
	assert(points_due(&points, POINT_ANY_REQUEST, &i) == &points.lies[0]);
	assert(points_due(&points, POINT_ANY_REQUEST, &i) == &points.lies[1]);
	assert(!points_due(&points, POINT_ANY_REQUEST, &i));
	assert(due(POINT_PAGE_REQUEST) == &points.lies[2]);
	assert(points.lies[0].address == 0x263008 && points.lies[0].how == POINT_FLIP &&
	       points.lies[0].value == 1 && points.lies[0].steps == 77 && !points.lies[1].steps);
}

/* Each field has requests, and each request fields: none is out of reach by its name. */
static void test_table(void)
{
	for (unsigned int f = 0; f < POINT_FIELD_COUNT; f++) {
		unsigned int count = 0;

		for (unsigned int r = 0; r < POINT_REQUEST_COUNT; r++) {
			char text[64];

			snprintf(text, sizeof(text), "%s/%s@0=%s1", point_field_name(f),
				 point_request_name(r), f == POINT_WRITE ? "1:" : "");
			points.lie_count = 0;
			if (add(text))
				continue;
			assert(points.lies[0].field == f);
			count++;
		}
		assert(count);
	}
}

int main(void)
{
	test_words();
	test_times();
	test_values();
	test_doings();
	test_table();
	return 0;
}
