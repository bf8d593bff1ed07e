/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See options.h. The first word may be the loader's name for the image: one with a '/' or ending
 * in ".elf" is skipped.
 */
#include "monitor/machine/options.h"

#include "lib/compiler.h"
#include "lib/log.h"
#include "lib/string.h"
#include "model/transcript.h"

#define INJECT_PREFIX   "inject="
#define PLATFORM_PREFIX "platform="
#define TRACE_PREFIX    "trace="
#define BREAK_PREFIX    "break="
#define LIE_PREFIX      "lie="
#define BUDGET_PREFIX   "budget="

static bool word_is(const char *word, size_t length, const char *text)
{
	return strlen(text) == length && !memcmp(word, text, length);
}

static const char *const inject_names[INJECT_COUNT] = {
#define INJECT(constant, name) [INJECT_##constant] = name,
	OPTIONS_INJECT(INJECT)
#undef INJECT
};

/* Up to 6 digits; -1 for any other text. */
static int parse_digits(const char *text, size_t length)
{
	int value = 0;

	if (!length || length > 6)
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + text[i] - '0';
	}
	return value;
}

/* The number behind the colon; 1 without a colon; -1 for any other text. */
static int parse_number(const char *text, size_t length)
{
	if (!length)
		return 1;
	return text[0] == ':' ? parse_digits(text + 1, length - 1) : -1;
}

static bool parse_inject(struct options *o, const char *word, size_t length)
{
	size_t prefix = strlen(INJECT_PREFIX);

	if (length <= prefix || memcmp(word, INJECT_PREFIX, prefix))
		return false;
	for (unsigned int i = 0; i < INJECT_COUNT; i++) {
		size_t used = prefix + strlen(inject_names[i]);

		if (length < used || memcmp(word + prefix, inject_names[i], used - prefix))
			continue;
		o->inject[i] = parse_number(word + used, length - used);
		if (o->inject[i] >= 0)
			return true;
	}
	return false;
}

static bool parse_platform(struct options *o, const char *word, size_t length)
{
	size_t prefix = strlen(PLATFORM_PREFIX);

	if (length <= prefix || length - prefix >= sizeof(o->platform) ||
	    memcmp(word, PLATFORM_PREFIX, prefix))
		return false;
	memcpy(o->platform, word + prefix, length - prefix);
	o->platform[length - prefix] = 0;
	return true;
}

/* The bit of the one of @names that the word is, added to @flags. */
static bool parse_flag(unsigned int *flags, const char *const *names, size_t count,
		       const char *word, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (word_is(word, length, names[i])) {
			*flags |= (unsigned int)BIT(i);
			return true;
		}
	return false;
}

static bool parse_flags(struct options *o, const char *word, size_t length)
{
	static const char *const lenient[] = { "lenient=convert", "lenient=device",
					       "lenient=version", "lenient=touch",
					       "lenient=psc",     "lenient=vmcall" };
	static const char *const features[] = { "features=restricted-injection",
						"features=apic-id-list", "features=debug-swap",
						"features=secure-tsc", "features=vlek" };

	return parse_flag(&o->lenient, lenient, array_count(lenient), word, length) ||
	       parse_flag(&o->features, features, array_count(features), word, length);
}

static bool parse_trace(struct options *o, const char *word, size_t length)
{
	size_t prefix = strlen(TRACE_PREFIX);
	u32 events;

	if (length <= prefix || memcmp(word, TRACE_PREFIX, prefix))
		return false;
	events = transcript_events(word + prefix, length - prefix);
	o->trace |= events;
	return events;
}

static bool parse_break(struct options *o, const char *word, size_t length)
{
	size_t prefix = strlen(BREAK_PREFIX);

	if (length <= prefix || memcmp(word, BREAK_PREFIX, prefix) || o->break_count == BREAK_MAX)
		return false;
	o->breaks[o->break_count++] = (struct option_word){ word + prefix, length - prefix };
	return true;
}

static bool parse_report(struct options *o, const char *word, size_t length)
{
	static const char *const versions[] = { "report=2", "report=3", "report=4", "report=5" };
	static const char *const quotes[] = { "quote=4", "quote=5" };

	for (u32 i = 0; i < array_count(versions); i++)
		if (word_is(word, length, versions[i])) {
			o->report_version = 2 + i;
			return true;
		}
	for (u32 i = 0; i < array_count(quotes); i++)
		if (word_is(word, length, quotes[i])) {
			o->quote_version = 4 + i;
			return true;
		}
	return false;
}

/* What the lies mean is the host's to say. */
static bool parse_lie(struct options *o, const char *word, size_t length)
{
	size_t prefix = strlen(LIE_PREFIX);

	if (length <= prefix || memcmp(word, LIE_PREFIX, prefix) ||
	    o->lie_count == OPTIONS_LIES_MAX)
		return false;
	o->lies[o->lie_count++] = (struct option_word){ word + prefix, length - prefix };
	return true;
}

static bool parse_budget(struct options *o, const char *word, size_t length)
{
	size_t prefix = strlen(BUDGET_PREFIX);
	int number;

	if (length <= prefix || memcmp(word, BUDGET_PREFIX, prefix))
		return false;
	number = parse_digits(word + prefix, length - prefix);
	o->budget = number > 0 ? (u32)number : 0;
	return number > 0;
}

static bool is_image_name(const char *word, size_t length)
{
	return strnlen(word, length) == length &&
	       (word[0] == '/' || (length > 4 && !memcmp(word + length - 4, ".elf", 4)));
}

static int parse_word(struct options *o, const char *word, size_t length, bool first)
{
	if (word_is(word, length, "trace"))
		o->trace |= TRANSCRIPT_USUAL;
	else if (word_is(word, length, "quiet"))
		o->quiet = true;
	else if (word_is(word, length, "intercept=rdtsc"))
		o->intercept_rdtsc = true;
	else if (word_is(word, length, "interrupts=held"))
		o->holds_interrupts = true;
	else if (word_is(word, length, "tsc=own"))
		o->own_time = true;
	else if (word_is(word, length, "strict=map-gpa"))
		o->strict_map_gpa = true;
	else if (word_is(word, length, "served"))
		o->served = true;
	else if (word_is(word, length, "secrets"))
		o->secrets = true;
	else if (word_is(word, length, "points"))
		o->points = true;
	else if (word_is(word, length, "ends=machine"))
		o->ends_machine = true;
	else if (word_is(word, length, "ghcb=1"))
		o->ghcb_1 = true;
	else if (word_is(word, length, "pages=4k"))
		o->page_size = PAGE_SIZE;
	else if (word_is(word, length, "pages=2m"))
		o->page_size = PAGE_2M_SIZE;
	else if (parse_report(o, word, length) || parse_platform(o, word, length) ||
		 parse_inject(o, word, length) || parse_flags(o, word, length) ||
		 parse_trace(o, word, length) || parse_break(o, word, length) ||
		 parse_lie(o, word, length) || parse_budget(o, word, length) ||
		 (first && is_image_name(word, length)))
		return 0;
	else {
		char text[64];
		size_t kept = length < sizeof(text) ? length : sizeof(text) - 1;

		memcpy(text, word, kept);
		text[kept] = 0;
		log_error("unknown option '%s'", text);
		return -E_INVAL;
	}
	return 0;
}

int options_parse(struct options *o, const char *cmdline)
{
	bool first = true;
	int error = 0;

	*o = (struct options){ .platform = "snp", .guest_cmdline = "" };
	for (unsigned int i = 0; i < INJECT_COUNT; i++)
		o->inject[i] = -1;
	for (const char *p = cmdline; *p && !error;) {
		const char *end = p;

		while (*end && *end != ' ')
			end++;
		if (word_is(p, (size_t)(end - p), "--")) {
			o->guest_cmdline = *end ? end + 1 : end;
			return 0;
		}
		if (end != p)
			error = parse_word(o, p, (size_t)(end - p), first);
		first = false;
		p = *end ? end + 1 : end;
	}
	return error;
}
