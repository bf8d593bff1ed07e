/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a guest cannot recurse. Whatever fails on the way out begins the end again, and each
 * time there is less of it: the sentence, the protocol's end, the exit port, nothing. The reason
 * and the text are those that came first. Where the host does not see the state, no value of a
 * register or of the stack is printed; an address is, where it is one of our code.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/cpu.h"

static void fake_out(u16 port, u8 value);
static void fake_stop(void);
static void fake_cli(void) {}
static unsigned int fake_index(void);
#include "early/percpu.h"

#define outb      fake_out
#define hlt       fake_stop
#define cpu_relax fake_stop
#define cli       fake_cli
#define cpu_index fake_index
#include "../../early/fatal.c"
#include "../../early/trap_print.c"
#include "../../lib/format.c"
#include "../../lib/panic.c"

/* ---- the machine: which step fails, by a panic, a refusal or a trap */

struct entry_record entry_record;
const bool fatal_shows_state;
static jmp_buf over;
static char said[4096], path[64];
static const char *fails;
static bool has_module;
static int fail_kind;

static void begin_again(void)
{
	static const struct trap_frame frame = { .vector = VEC_GP,
						 .rip = 0x5ec4e7,
						 .r15 = 0x5ec4e7 };

	switch (fail_kind) {
	case 0: panic("a panic in the end");
	case 1: fatal(TERM_RESPONSE, "the host refused port 0x3f8");
	default: trap_panic(&frame);
	}
}

static void step(char name)
{
	size_t length = strlen(path);

	assert(length < sizeof(path) - 1);
	path[length] = name;
	path[length + 1] = '\0';
	if (strchr(fails, name))
		begin_again();
}

/* As of a 64-bit entry, which asks when it must; it may fail at that. */
static bool cannot_know;
static struct entry_record truth;
bool entry_know(void)
{
	if (!entry_record.is_known && !cannot_know) {
		entry_record = truth;
		entry_record.is_known = true;
	}
	return entry_record.is_known;
}

static unsigned int fake_index(void) { return 0; }
bool stack_contains(u64 address, u64 size) { return address && size; }
void fatal_show(void) { step('s'); }

void log_error(const char *fmt, ...)
{
	size_t length = strlen(said);
	va_list args;

	va_start(args, fmt);
	vformat(said + length, sizeof(said) - length, fmt, args);
	va_end(args);
	strcat(said, "\n");
	step('l');
}

noreturn_t panic_end(const char *why)
{
	fatal_show();
	fake_out(EXIT_PORT, EXIT_CODE_PANIC);
	(void)why;
	longjmp(over, 1);
}

static unsigned int reason;
static char report[256];

noreturn_t ghcb_msr_terminate(unsigned int set, unsigned int code)
{
	assert(set == GHCB_TERM_SET_POSTERN);
	reason = code;
	step('p');
	longjmp(over, 1);
}

u64 tdx_report_fatal(unsigned int code, const char *why)
{
	reason = code;
	strcpy(report, why);
	step('p');
	return !has_module;
}

static u8 port_code;

static void fake_out(u16 port, u8 value)
{
	assert(port == EXIT_PORT);
	port_code = value;
	step('o');
}

static void fake_stop(void) { longjmp(over, 1); }

const char *symbol_lookup(u64 address, u64 *offset)
{
	*offset = 4;
	return address >= 0x200000 && address < 0x300000 ? "function" : NULL;
}

/* ---- */

static u64 fake_stack[] = { 0, 0x5ec4e7 };

/* A new guest each time: the steps taken lie in two functions. */
static void guest_begins(const char *failing, int kind)
{
	memset(said, 0, sizeof(said));
	memset(path, 0, sizeof(path));
	fails = failing;
	fail_kind = kind;
	reason = port_code = 0;
	first_reason = TERM_PANIC;
	panic_owner = 0;
	panic_first = NULL;
	steps = 0;
}

static void ends(const char *failing, int kind, const char *expected)
{
	guest_begins(failing, kind);
	if (!setjmp(over))
		fatal(TERM_CLOCK, "number %u", 42);
	if (strcmp(path, expected))
		fprintf(stderr, "failing %s: %s, not %s\n", failing, path, expected);
	assert(!strcmp(path, expected));
	assert(!strncmp(said, "number 42 (reason 14)\n", 22));
}

static void test_steps(void)
{
	for (int kind = 0; kind < 3; kind++) {
		entry_record =
			(struct entry_record){ .is_known = 1, .sev_status = SEV_STATUS_SEV_ES };
		ends("", kind, "lsp");
		ends("l", kind, "lp");
		ends("ls", kind, "lp");
		ends("lp", kind, "lpo");
		ends("lpo", kind, "lpo");
		ends("s", kind, "lsp");
		assert(reason == TERM_CLOCK);

		entry_record = (struct entry_record){ .is_known = 1, .tdx = 1 };
		has_module = true;
		ends("l", kind, "lp");
		assert(reason == TERM_CLOCK && !strcmp(report, "number 42"));
		ends("lp", kind, "lpo");
		has_module = false; /* the host lied: no TD */
		ends("", kind, "lspo");
		assert(port_code == EXIT_CODE_TERMINATED);

		entry_record = (struct entry_record){ .is_known = 1 };
		ends("", kind, "lso");
		ends("l", kind, "lo");
		ends("lo", kind, "loo");
	}
}

static void panics(u64 rip, const char *failing)
{
	struct trap_frame frame = { .vector = VEC_GP, .error_code = 0x5ec4e7, .rip = rip };

	memset(&frame, 0xa5, offsetof(struct trap_frame, vector));
	frame.rbp = (u64)(uintptr_t)fake_stack;
	guest_begins(failing, 2);
	if (!setjmp(over))
		trap_panic(&frame);
}

static void test_hidden(void)
{
	entry_record = (struct entry_record){ .is_known = 1, .sev_status = SEV_STATUS_SEV_ES };
	panics(0x200010, "");
	assert(!strcmp(said, "panic: #GP (vector 13) at 0x200010\nbacktrace:\n"
			     "  0x200010 function+0x4\n  no code of ours\n"));
	panics(0x5ec4e7, "");
	assert(!strcmp(said, "panic: #GP (vector 13)\nbacktrace:\n  no code of ours\n"));
	panics(0x200010, "l");
	assert(!strcmp(path, "lp") && reason == TERM_PANIC);
}

/* Before anybody asked what guest this is: it ends as what it is, and shows what that may. */
static void test_unknown(void)
{
	entry_record = (struct entry_record){ 0 };
	truth = (struct entry_record){ .tdx = 1 };
	has_module = true;
	ends("l", 2, "lp");
	assert(!strcmp(report, "number 42"));
	entry_record = (struct entry_record){ 0 };
	truth = (struct entry_record){ .sev_status = SEV_STATUS_SEV_ES };
	panics(0x5ec4e7, "");
	assert(!strcmp(said, "panic: #GP (vector 13)\nbacktrace:\n  no code of ours\n"));
	entry_record = (struct entry_record){ 0 };
	truth = entry_record;
	assert(panic_may_show_state());
	entry_record = (struct entry_record){ 0 };
	cannot_know = true;
	panics(0x5ec4e7, "");
	assert(!strstr(said, "r15") && !strstr(said, "5ec4e7"));
	ends("", 2, "lso");
}

int main(void)
{
	test_steps();
	test_unknown();
	test_hidden();
	puts("ok");
	return 0;
}
