/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See breakpoint.h.
 */
#include "monitor/svm/breakpoint.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/string.h"
#include "monitor/machine/end.h"
#include "monitor/machine/options.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/violation.h"

#define NAME_KEY "name="

struct breakpoint {
	u32 event;                    /* BIT(event) */
	struct option_word violation; /* its name; length 0: any line of the event */
	struct option_word words;     /* with commas in between */
};

static struct breakpoint breakpoints[BREAK_MAX];
static unsigned int breakpoint_count;

static struct breakpoint_pages known_pages;

/* Where @text has @c; NULL: nowhere. */
static const char *find(const char *text, char c, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] == c)
			return text + i;
	return NULL;
}

/* Those of an exit only: the others are written behind what they tell of. */
static u32 event_of(const char *name, size_t length)
{
	u32 events = find(name, ',', length) ? 0 : transcript_events(name, length);

	return events & TRANSCRIPT_USUAL;
}

int breakpoint_add(const char *text, size_t length)
{
	struct breakpoint *b = &breakpoints[breakpoint_count];
	const char *colon = find(text, ':', length);
	size_t name = colon ? (size_t)(colon - text) : length;

	*b = (struct breakpoint){ .event = event_of(text, name) };
	if (colon)
		b->words = (struct option_word){ colon + 1, length - name - 1 };
	if (!b->event && violation_is_name(text, name)) {
		b->event = 1U << EVENT_VIOLATION;
		b->violation = (struct option_word){ text, name };
	}
	if (!b->event || (colon && !b->words.length)) {
		log_error("'break=%.*s' is no event of an exit, and no violation", (int)length,
			  text);
		return -E_INVAL;
	}
	breakpoint_count++;
	return 0;
}

/* Whether the line has the word `@key@word`. */
static bool has(const char *line, size_t size, const char *key, struct option_word word)
{
	size_t first = strlen(key), length = first + word.length;

	for (size_t at = 1; at + length < size; at++)
		if (line[at - 1] == ' ' && !memcmp(line + at, key, first) &&
		    !memcmp(line + at + first, word.text, word.length) &&
		    (line[at + length] == ' ' || line[at + length] == '\n'))
			return true;
	return false;
}

static bool has_all(const char *line, size_t size, struct option_word words)
{
	while (words.length) {
		const char *comma = find(words.text, ',', words.length);
		size_t one = comma ? (size_t)(comma - words.text) : words.length;

		if (!has(line, size, "", (struct option_word){ words.text, one }))
			return false;
		words.text += one + !!comma;
		words.length -= one + !!comma;
	}
	return true;
}

static bool matches(const struct breakpoint *b, const struct transcript *t, const char *line,
		    size_t size)
{
	return b->event & 1U << t->event &&
	       (!b->violation.length || has(line, size, NAME_KEY, b->violation)) &&
	       has_all(line, size, b->words);
}

static void tell_registers(struct breakpoint_state *state, struct vcpu *v)
{
	static const u8 order[16] = { 0, 3, 1, 2, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15 };
	const struct vmsa *s = &v->vmcb->save;

	for (unsigned int i = 0; i < array_count(order); i++)
		state->gpr[i] = *vcpu_reg(v, order[i]);
	state->rip = s->rip;
	state->rflags = s->rflags;
	state->segments[0] = s->cs.selector;
	state->segments[1] = s->ss.selector;
	state->segments[2] = s->ds.selector;
	state->segments[3] = s->es.selector;
	/* VMLOAD's state is the guest's all the time: vmrun.S */
	state->fs_base = rdmsr(MSR_FS_BASE);
	state->gs_base = rdmsr(MSR_GS_BASE);
	state->kernel_gs_base = rdmsr(MSR_KERNEL_GS_BASE);
	state->lstar = rdmsr(MSR_LSTAR);
	state->cr0 = s->cr0;
	state->cr2 = s->cr2;
	state->cr3 = s->cr3;
	state->cr4 = s->cr4;
	state->cr8 = v->vmcb->control.int_ctl & VINTR_TPR_MASK;
	state->efer = s->efer & ~(u64)EFER_SVME;
}

static void tell_memory(struct breakpoint_state *state)
{
	state->alias_bit = guest.npt.alias_bit;
	if (guest.rom_size) {
		state->rom[0] = guest.rom_gpa;
		state->rom[1] = guest.rom_size;
		state->rom[2] = guest.rom_host;
	}
	if (guest.hole_host) {
		state->hole[0] = VGA_START;
		state->hole[1] = MIB1 - VGA_START;
		state->hole[2] = guest.hole_host;
	}
	state->page_units = (u64)known_pages.units;
	state->page_words = (u64)known_pages.words;
	state->page_count = known_pages.page_count;
	state->kinds = (u64)known_pages.kinds;
	state->kind_count = known_pages.kind_count;
}

static void shown(const struct transcript *t, const char *line, size_t size)
{
	struct breakpoint_state state = { .cpu = t->cpu, .line = (u64)line, .line_size = size };

	for (unsigned int i = 0; i < breakpoint_count; i++) {
		if (!matches(&breakpoints[i], t, line, size))
			continue;
		tell_registers(&state, &guest.cpus[t->cpu]);
		tell_memory(&state);
		breakpoint_reached(&state);
		return;
	}
}

u32 breakpoint_events(void)
{
	u32 events = 0;

	trace_shown = shown;
	for (unsigned int i = 0; i < breakpoint_count; i++)
		events |= breakpoints[i].event;
	return events;
}

void breakpoint_set_pages(const struct breakpoint_pages *pages) { known_pages = *pages; }
