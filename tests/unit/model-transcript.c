/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transcript has one line an exit in the contract's format, a line too long is cut visibly,
 * and the last line counts every event that happened.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../lib/format.c"
#include "../../model/transcript.c"

static char text[4096];
static size_t used;
static int calls;

static void keep(void *context, const char *line, size_t size)
{
	assert(context == text && used + size < sizeof(text));
	memcpy(text + used, line, size);
	used += size;
	text[used] = 0;
	calls++;
}

static bool wrote(const char *expected)
{
	bool equal = !strcmp(text, expected);

	used = 0;
	text[0] = 0;
	return equal;
}

static void test_lines(void)
{
	struct transcript t;

	transcript_init(&t, keep, text);
	transcript_line(&t, 0, EVENT_VMGEXIT, "code=%#x entries=%u result=0x%x", 0x80000010, 253,
			0);
	assert(wrote("1 cpu0 vmgexit code=0x80000010 entries=253 result=0x0\n"));
	transcript_line(&t, 11, EVENT_HLT, "%s", "");
	assert(wrote("2 cpu11 hlt \n"));
	transcript_line(&t, 1, EVENT_GHCB_MSR, "a=%llx", 0x123456789abcULL);
	assert(wrote("3 cpu1 ghcb-msr a=123456789abc\n"));
	calls = 0;
	for (int i = 0; i < 9; i++)
		transcript_line(&t, 0, EVENT_CPUID, "n=%d", i);
	assert(calls == 9 && strstr(text, "\n12 cpu0 cpuid n=8\n"));
	wrote("");
	transcript_total(&t);
	assert(wrote("# total ghcb-msr=1 vmgexit=1 cpuid=9 hlt=1\n"));
}

static u32 events(const char *list) { return transcript_events(list, strlen(list)); }

/* What is left out is counted, has its number, and takes what is inside of it along. */
static void test_events(void)
{
	struct transcript t;

	assert(events("vmgexit") == BIT(EVENT_VMGEXIT));
	assert(events("npf,ghcb-msr") == (BIT(EVENT_NPF) | BIT(EVENT_GHCB_MSR)));
	assert(transcript_events("hlt,npfx", 7) == (BIT(EVENT_HLT) | BIT(EVENT_NPF)));
	assert(!events("") && !events("npf,") && !events(",npf") && !events("npf,,hlt"));
	assert(!events("np") && !events("npf,nosuch") && !events("npf hlt"));
	transcript_init(&t, keep, text);
	t.events = events("hlt,ioio");
	transcript_line(&t, 0, EVENT_NPF, "gpa=%#x", 1);
	transcript_line(&t, 0, EVENT_HLT, "rip=%#x", 2);
	transcript_open(&t, 0, EVENT_VMGEXIT, "code=%#x", 0x7b);
	transcript_line(&t, 0, EVENT_IOIO, "port=%#x", 0x80);
	transcript_close(&t, "result=0x0");
	transcript_open(&t, 0, EVENT_VMGEXIT, "code=%#x", 0x7b);
	transcript_abandon(&t);
	transcript_line(&t, 0, EVENT_IOIO, "port=%#x", 0x81);
	assert(wrote("2 cpu0 hlt rip=0x2\n5 cpu0 ioio port=0x81\n"));
	transcript_total(&t);
	assert(wrote("# total vmgexit=2 ioio=1 hlt=1 npf=1\n"));
}

static void test_halves(void)
{
	struct transcript t;

	transcript_init(&t, keep, text);
	transcript_open(&t, 0, EVENT_VMGEXIT, "code=%#x", 0x7b);
	assert(wrote("") && t.open);
	transcript_line(&t, 0, EVENT_IOIO, "dir=out port=%#x", 0x3f8);
	transcript_line(&t, 0, EVENT_IOIO, "%s", "value=0x1");
	assert(wrote(""));
	transcript_close(&t, "result=0x%x", 0);
	assert(wrote("1 cpu0 vmgexit code=0x7b dir=out port=0x3f8 value=0x1 result=0x0\n"));
	transcript_open(&t, 0, EVENT_VMGEXIT, "code=0x1");
	transcript_abandon(&t);
	transcript_abandon(&t);
	assert(wrote("2 cpu0 vmgexit code=0x1\n"));
	transcript_open(&t, 0, EVENT_VMGEXIT, "code=0x2");
	transcript_total(&t);
	assert(wrote("3 cpu0 vmgexit code=0x2\n# total vmgexit=3\n"));
}

/* What is the machine's own comes only by name, and goes before a line that is open. */
static void test_apart(void)
{
	struct transcript t;

	transcript_init(&t, keep, text);
	transcript_apart(&t, 0, EVENT_EXIT, "code=0x72");
	assert(wrote(""));
	t.events = TRANSCRIPT_USUAL | events("exit,page");
	transcript_open(&t, 1, EVENT_VMGEXIT, "code=%#x", 0x7b);
	transcript_apart(&t, 1, EVENT_PAGE, "gpa=0x1000");
	transcript_close(&t, "result=0x0");
	transcript_apart(&t, 1, EVENT_EXIT, "code=0x81");
	assert(wrote("3 cpu1 page gpa=0x1000\n2 cpu1 vmgexit code=0x7b result=0x0\n"
		     "4 cpu1 exit code=0x81\n"));
	assert(!strcmp(transcript_event_name(EVENT_GHCB_MSR), "ghcb-msr"));
}

/* Text is cut at the same place whether it comes at once or in pieces. */
static void test_long_halves(void)
{
	struct transcript t;

	transcript_init(&t, keep, text);
	transcript_open(&t, 0, EVENT_MSR, "a=0x1");
	for (int i = 0; i < TRANSCRIPT_LINE_MAX; i++)
		transcript_line(&t, 0, EVENT_MSR, "b=0x2");
	transcript_close(&t, "c=0x3");
	assert(used <= TRANSCRIPT_LINE_MAX && !strcmp(text + used - 4, "...\n"));
	assert(!memchr(text, 0, used));
	wrote("");
}

static void test_long_lines(void)
{
	struct transcript t;
	char filler[TRANSCRIPT_LINE_MAX + 8];

	for (size_t length = 0; length < sizeof(filler); length++) {
		memset(filler, 'x', length);
		filler[length] = 0;
		transcript_init(&t, keep, text);
		transcript_line(&t, 0, EVENT_MSR, "%s", filler);
		assert(used <= TRANSCRIPT_LINE_MAX && text[used - 1] == '\n');
		assert(!memcmp(text, "1 cpu0 msr ", 11) && !memchr(text, 0, used));
		if (used != 11 + length + 1)
			assert(!strcmp(text + used - 4, "...\n"));
		wrote("");
	}
}

/* Also with every event, and with counts of any size. */
static void test_total(void)
{
	struct transcript t;

	transcript_init(&t, keep, text);
	for (int event = 0; event < EVENT_COUNT; event++)
		t.totals[event] = ~U64_C(0);
	transcript_total(&t);
	assert(strstr(text, " page=18446744073709551615\n") == text + used - 27);
	wrote("");
}

static void test_counts_only(void)
{
	struct transcript t;

	transcript_init(&t, NULL, NULL);
	transcript_line(&t, 0, EVENT_NPF, "gpa=%d", 1);
	transcript_total(&t);
	assert(t.totals[EVENT_NPF] == 1 && t.line_count == 1);
}

int main(void)
{
	test_apart();
	test_lines();
	test_events();
	test_halves();
	test_long_halves();
	test_long_lines();
	test_total();
	test_counts_only();
	return 0;
}
