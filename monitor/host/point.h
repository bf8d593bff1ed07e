/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a host can lie. A point is a field of an answer and the class of requests that has it, as
 * `ghcb-info2/ap-jump-table`; what is told there, when and how often stands in the option
 *
 *	lie=FIELD/REQUEST@N[+STEPS][xTIMES][=[ADDRESS:]VALUE]
 *
 * N counts that class from 0, in decimal; of what is done and not said, STEPS instructions of the
 * guest later; TIMES is 1, a number, or `all` from there on; VALUE is a number, ^ and a mask of
 * bits to turn over, or `last`, what the same field said the time before; without it all bits are
 * set. ADDRESS is for `write`. Nothing is drawn here: a line that gave a run gives it again. Pure.
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"

enum point_group {
	POINT_GHCB,
	POINT_MSR,
	POINT_TD,
	POINT_DEVICE,
	POINT_STRING,
	POINT_ANY,
	POINT_PAGE,
	POINT_CPU
};

enum point_field {
#define FIELD(group, constant, name) POINT_##constant,
#define REQUEST(group, constant, name)
#include "monitor/host/point.def"
#undef FIELD
#undef REQUEST
	POINT_FIELD_COUNT,
};

enum point_request {
#define FIELD(group, constant, name)
#define REQUEST(group, constant, name) POINT_##group##_##constant,
#include "monitor/host/point.def"
#undef FIELD
#undef REQUEST
	POINT_REQUEST_COUNT,
};

#define POINT_LIES_MAX 8

enum point_how { POINT_SET, POINT_FLIP, POINT_LAST };

struct lie {
	enum point_field field;
	enum point_request request;
	u64 first, times; /* occurrences */
	u32 steps;
	u64 address;
	enum point_how how;
	u64 value;
	u64 told; /* so often */
	u64 last; /* the honest one, the time before */
};

struct points {
	struct lie lies[POINT_LIES_MAX];
	unsigned int lie_count;
	u64 seen[POINT_REQUEST_COUNT];
	/* A lie was told: @honest is what is not said. */
	void (*told)(const struct lie *lie, u64 occurrence, u64 honest, u64 said);
};

/* Adds what @text, of @length, says behind `lie=`. -E_INVAL: it says no lie; -E_NOSPC: too many. */
must_check int points_add(struct points *p, const char *text, size_t length);

/* One more of @request; every field of its answer is asked for before the next. Its number. */
u64 points_see(struct points *p, enum point_request request);
/* What the answer to the request that was seen last says in @field, where honesty were @honest. */
u64 points_tell(struct points *p, enum point_field field, enum point_request request, u64 honest);
/*
 * What is done, and not said, at the request that was seen last: the first from the lie number *@i
 * on that is due, and *@i is behind it; NULL: none. Whoever does it says so by points_done().
 */
struct lie *points_due(struct points *p, enum point_request request, unsigned int *i);
void points_done(struct points *p, struct lie *lie, u64 before, u64 after);

/* Whether any lie is about @field of @request: a field that costs something to get is got then. */
bool points_has(const struct points *p, enum point_field field, enum point_request request);

const char *point_field_name(enum point_field field);
const char *point_request_name(enum point_request request);
enum point_group point_request_group(enum point_request request);
