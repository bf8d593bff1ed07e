/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See startup.h.
 */
#include "monitor/svm/startup.h"

void startup_init(struct startup *s, enum startup_way way, bool is_boot)
{
	*s = (struct startup){ .way = way, .is_boot = is_boot, .started = is_boot };
	if (is_boot)
		return;
	switch (way) {
	case STARTUP_BY_SIPI:
	case STARTUP_BY_HOLD: s->state = STARTUP_WAIT_SIPI; break;
	case STARTUP_BY_CREATION:
	case STARTUP_BY_MAILBOX: s->state = STARTUP_WAIT_INIT; break;
	}
}

static bool act(struct startup *s, enum startup_state state, enum startup_action action)
{
	s->state = state;
	s->action = action;
	return true;
}

bool startup_on_init(struct startup *s)
{
	switch (s->way) {
	case STARTUP_BY_SIPI:
		if (s->is_boot)
			return act(s, STARTUP_WAIT_SIPI, STARTUP_RESET);
		return act(s, STARTUP_WAIT_SIPI, STARTUP_STOP);
	case STARTUP_BY_CREATION:
		if (!s->pending_gpa)
			return false;
		s->vmsa_gpa = s->pending_gpa;
		s->pending_gpa = 0;
		return act(s, STARTUP_RUNNING, STARTUP_CREATE);
	/* The state is the guest's: nobody can reset it. */
	case STARTUP_BY_HOLD:
	case STARTUP_BY_MAILBOX: break;
	}
	return false;
}

bool startup_on_sipi(struct startup *s, u8 vector)
{
	bool held = s->state == STARTUP_HELD;

	if (s->way == STARTUP_BY_MAILBOX ||
	    (s->way == STARTUP_BY_CREATION && !s->has_first && !held))
		return false;
	if (s->state == STARTUP_RUNNING || s->action == STARTUP_RESET)
		return false;
	s->vector = vector;
	s->started = true;
	if (s->way == STARTUP_BY_SIPI)
		return act(s, STARTUP_RUNNING, STARTUP_AT_VECTOR);
	s->has_first = false;
	return act(s, STARTUP_RUNNING, held ? STARTUP_RESUME : STARTUP_FIRST);
}

void startup_hold(struct startup *s) { s->state = STARTUP_HELD; }

bool startup_create(struct startup *s, u64 vmsa_gpa, bool on_init)
{
	s->pending_gpa = on_init ? vmsa_gpa : 0;
	s->has_first = false;
	if (on_init)
		return false;
	s->vmsa_gpa = vmsa_gpa;
	return act(s, STARTUP_RUNNING, STARTUP_CREATE);
}

bool startup_destroy(struct startup *s)
{
	s->vmsa_gpa = 0;
	s->pending_gpa = 0;
	return act(s, STARTUP_WAIT_INIT, STARTUP_DESTROY);
}

bool startup_release(struct startup *s)
{
	if (s->way != STARTUP_BY_MAILBOX || s->started)
		return false;
	s->started = true;
	return act(s, STARTUP_RUNNING, STARTUP_FIRST);
}

enum startup_action startup_take(struct startup *s)
{
	enum startup_action action = s->action;

	s->action = STARTUP_NOTHING;
	return action;
}
