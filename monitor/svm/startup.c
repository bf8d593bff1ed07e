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
	s->state = way == STARTUP_BY_MAILBOX ? STARTUP_HALTED : STARTUP_UNINITIALIZED;
	s->has_first = way == STARTUP_BY_HOLD;
}

void startup_park(struct startup *s)
{
	if (s->way == STARTUP_BY_CREATION && !s->is_boot)
		s->state = STARTUP_HALTED;
}

static bool act(struct startup *s, enum startup_state state, enum startup_action action)
{
	s->state = state;
	s->action = action;
	return true;
}

/* The creation or destruction that was asked for happens: sev_snp_init_protected_guest_state(). */
static void consume(struct startup *s)
{
	s->old_gpa = s->vmsa_gpa;
	s->vmsa_gpa = s->request_gpa;
	s->started = s->request_gpa;
	s->has_first = s->held = false;
	s->action = s->request_gpa ? STARTUP_CREATE : STARTUP_DESTROY;
	s->request = STARTUP_NO_REQUEST;
	s->request_gpa = 0;
}

static bool init_boot(struct startup *s)
{
	if (s->way == STARTUP_BY_SIPI)
		return act(s, STARTUP_WAIT_SIPI, STARTUP_RESET);
	if (!s->request)
		return false; /* its state is the guest's: nobody can reset it */
	consume(s);
	s->state = s->vmsa_gpa ? STARTUP_RUNNING : STARTUP_HALTED;
	return true;
}

bool startup_on_init(struct startup *s)
{
	if (s->way == STARTUP_BY_MAILBOX)
		return false;
	if (s->is_boot)
		return init_boot(s);
	if (s->way == STARTUP_BY_SIPI)
		return act(s, STARTUP_WAIT_SIPI, STARTUP_STOP);
	if (s->request)
		consume(s);
	s->state = STARTUP_WAIT_SIPI;
	return true;
}

/* Behind INIT, what there is to run from: its own state, which nobody could reset, or the first. */
static bool run(struct startup *s)
{
	if (!s->started && !s->has_first)
		return act(s, STARTUP_HALTED, s->action);
	if (!s->started || s->held)
		s->action = s->started ? STARTUP_RESUME : STARTUP_FIRST;
	s->state = STARTUP_RUNNING;
	s->started = true;
	s->has_first = s->held = false;
	return true;
}

bool startup_on_sipi(struct startup *s, u8 vector)
{
	if (s->state != STARTUP_WAIT_SIPI || s->action == STARTUP_RESET)
		return false;
	s->vector = vector;
	if (s->way == STARTUP_BY_SIPI) {
		s->started = true;
		return act(s, STARTUP_RUNNING, STARTUP_AT_VECTOR);
	}
	if (s->request == STARTUP_REQUEST_NOW)
		consume(s);
	return run(s);
}

void startup_hold(struct startup *s)
{
	s->held = true;
	if (s->state == STARTUP_RUNNING) /* INIT may have come while it asked */
		s->state = STARTUP_HELD;
}

static bool ask(struct startup *s, u64 vmsa_gpa, bool on_init)
{
	bool now = !on_init || s->request == STARTUP_REQUEST_NOW;

	s->request = now ? STARTUP_REQUEST_NOW : STARTUP_REQUEST_ON_INIT;
	s->request_gpa = vmsa_gpa;
	if (!now || s->state == STARTUP_UNINITIALIZED || s->state == STARTUP_WAIT_SIPI)
		return false;
	consume(s);
	s->state = s->vmsa_gpa ? STARTUP_RUNNING : STARTUP_HALTED;
	return true;
}

bool startup_create(struct startup *s, u64 vmsa_gpa, bool on_init)
{
	return ask(s, vmsa_gpa, on_init);
}

bool startup_destroy(struct startup *s) { return ask(s, 0, false); }

u64 startup_take_old(struct startup *s)
{
	u64 gpa = s->old_gpa;

	s->old_gpa = 0;
	return gpa;
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
