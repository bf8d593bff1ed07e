/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See point.h.
 */
#include "monitor/host/point.h"

#include "lib/compiler.h"
#include "lib/string.h"

struct point_name {
	enum point_group group;
	const char *name;
};

static const struct point_name fields[] = {
#define FIELD(group, constant, name) [POINT_##constant] = { POINT_##group, name },
#define REQUEST(group, constant, name)
#include "monitor/host/point.def"
#undef FIELD
#undef REQUEST
};

static const struct point_name requests[] = {
#define FIELD(group, constant, name)
#define REQUEST(group, constant, name) [POINT_##group##_##constant] = { POINT_##group, name },
#include "monitor/host/point.def"
#undef FIELD
#undef REQUEST
};

const char *point_field_name(enum point_field field) { return fields[field].name; }
const char *point_request_name(enum point_request request) { return requests[request].name; }
enum point_group point_request_group(enum point_request request) { return requests[request].group; }

/* ---- parsing: what is left of the text is consumed from its front */

struct words {
	const char *at;
	size_t left;
};

static bool take(struct words *w, const char *text)
{
	size_t length = strlen(text);

	if (w->left < length || memcmp(w->at, text, length))
		return false;
	w->at += length;
	w->left -= length;
	return true;
}

/* A word, up to one of @ends or the end. */
static struct words take_word(struct words *w, const char *ends)
{
	struct words word = { w->at, 0 };

	while (w->left && !strchr(ends, *w->at)) {
		w->at++;
		w->left--;
		word.left++;
	}
	return word;
}

static int find(const struct point_name *names, size_t count, struct words word, int group)
{
	for (size_t i = 0; i < count; i++)
		if ((group < 0 || names[i].group == (enum point_group)group) &&
		    strlen(names[i].name) == word.left &&
		    !memcmp(names[i].name, word.at, word.left))
			return (int)i;
	return -E_NOENT;
}

static int digit(char c, u64 base)
{
	int value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;

	return value < (int)base ? value : -1;
}

/* All of 64 bits and no more. */
static bool take_number(struct words *w, u64 base, u64 *value)
{
	bool any = false;

	*value = 0;
	while (w->left && digit(*w->at, base) >= 0) {
		u64 last = *value;

		if (__builtin_mul_overflow(last, base, value) ||
		    __builtin_add_overflow(*value, (u64)digit(*w->at, base), value))
			return false;
		w->at++;
		w->left--;
		any = true;
	}
	return any;
}

/* It is done, and not said of a field. */
static bool is_done(const struct lie *lie)
{
	return fields[lie->field].group == POINT_ANY || fields[lie->field].group == POINT_PAGE;
}

static bool take_times(struct words *w, u64 *times)
{
	*times = 1;
	if (!take(w, "x"))
		return true;
	if (take(w, "all")) {
		*times = ~U64_C(0);
		return true;
	}
	return take_number(w, 10, times) && *times;
}

/* Of what is written or taken the address cannot be left out. */
static bool needs_value(const struct lie *lie)
{
	return lie->field == POINT_WRITE || fields[lie->field].group == POINT_PAGE;
}

static bool take_value(struct words *w, struct lie *lie)
{
	lie->value = ~U64_C(0);
	if (!take(w, "="))
		return !needs_value(lie);
	if (lie->field == POINT_WRITE &&
	    (!take_number(w, take(w, "0x") ? 16 : 10, &lie->address) || !take(w, ":")))
		return false;
	if (take(w, "last")) {
		lie->how = POINT_LAST;
		return !is_done(lie);
	}
	lie->how = take(w, "^") ? POINT_FLIP : POINT_SET;
	if (lie->how == POINT_FLIP && is_done(lie) && lie->field != POINT_WRITE)
		return false;
	return take_number(w, take(w, "0x") ? 16 : 10, &lie->value);
}

#define STEPS_MAX 10000000

static bool take_steps(struct words *w, struct lie *lie)
{
	u64 steps;

	if (!take(w, "+"))
		return true;
	if (!is_done(lie) || !take_number(w, 10, &steps) || steps > STEPS_MAX)
		return false;
	lie->steps = (u32)steps;
	return true;
}

static bool take_point(struct words *w, struct lie *lie)
{
	int field = find(fields, array_count(fields), take_word(w, "/"), -1), request;

	if (field < 0 || !take(w, "/"))
		return false;
	request =
		find(requests, array_count(requests), take_word(w, "@"), (int)fields[field].group);
	if (request < 0)
		return false;
	lie->field = (enum point_field)field;
	lie->request = (enum point_request)request;
	return take(w, "@") && take_number(w, 10, &lie->first);
}

int points_add(struct points *p, const char *text, size_t length)
{
	struct words words = { text, length };
	struct lie lie = { 0 };

	if (!take_point(&words, &lie) || !take_steps(&words, &lie) ||
	    !take_times(&words, &lie.times) || !take_value(&words, &lie) || words.left)
		return -E_INVAL;
	if (p->lie_count == POINT_LIES_MAX)
		return -E_NOSPC;
	p->lies[p->lie_count++] = lie;
	return 0;
}

/* ---- telling */

u64 points_see(struct points *p, enum point_request request) { return p->seen[request]++; }

static u64 instead(const struct lie *lie, u64 honest)
{
	switch (lie->how) {
	case POINT_FLIP: return honest ^ lie->value;
	case POINT_LAST: return lie->last;
	default: return lie->value;
	}
}

/* The request has been counted. */
static bool is_due(const struct points *p, const struct lie *lie, u64 *occurrence)
{
	*occurrence = p->seen[lie->request] - 1;
	return *occurrence >= lie->first && *occurrence - lie->first < lie->times;
}

static bool is_about(const struct lie *lie, enum point_field field, enum point_request request)
{
	return lie->field == field && lie->request == request;
}

u64 points_tell(struct points *p, enum point_field field, enum point_request request, u64 honest)
{
	u64 said = honest, occurrence;

	for (unsigned int i = 0; i < p->lie_count; i++) {
		struct lie *lie = &p->lies[i];

		if (!is_about(lie, field, request))
			continue;
		if (is_due(p, lie, &occurrence)) {
			said = instead(lie, honest);
			lie->told++;
			p->told(lie, occurrence, honest, said);
		}
		lie->last = honest;
	}
	return said;
}

struct lie *points_due(struct points *p, enum point_request request, unsigned int *i)
{
	u64 occurrence;

	while (*i < p->lie_count) {
		struct lie *lie = &p->lies[(*i)++];

		if (lie->request == request && is_due(p, lie, &occurrence))
			return lie;
	}
	return NULL;
}

void points_done(struct points *p, struct lie *lie, u64 before, u64 after)
{
	lie->told++;
	p->told(lie, p->seen[lie->request] - 1, before, after);
}

bool points_has(const struct points *p, enum point_field field, enum point_request request)
{
	for (unsigned int i = 0; i < p->lie_count; i++)
		if (is_about(&p->lies[i], field, request))
			return true;
	return false;
}
