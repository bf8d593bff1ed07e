/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What starts and stops a processor, in each way that a kind of guest has: the usual course, and
 * every order of INIT, SIPI, hold, creation, release and action, after which it is where it may be.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>

#include "../../monitor/svm/startup.c"

#define STEPS 7
#define DEPTH 6

static struct startup s;

static void begin(enum startup_way way, bool is_boot) { startup_init(&s, way, is_boot); }

static void is(enum startup_state state, enum startup_action action)
{
	assert(s.state == state);
	assert(startup_take(&s) == action);
	assert(startup_take(&s) == STARTUP_NOTHING);
}

static void test_sipi(void)
{
	begin(STARTUP_BY_SIPI, false);
	is(STARTUP_UNINITIALIZED, STARTUP_NOTHING);
	assert(!startup_on_sipi(&s, 0x9a)); /* no INIT was there */
	assert(startup_on_init(&s));
	is(STARTUP_WAIT_SIPI, STARTUP_STOP);
	assert(startup_on_sipi(&s, 0x9a));
	assert(s.vector == 0x9a);
	is(STARTUP_RUNNING, STARTUP_AT_VECTOR);
	assert(!startup_on_sipi(&s, 0x12)); /* the second of two */
	assert(s.vector == 0x9a);
	/* INIT and SIPI before the processor could do anything: the last counts */
	assert(startup_on_init(&s) && startup_on_sipi(&s, 0x34));
	is(STARTUP_RUNNING, STARTUP_AT_VECTOR);
}

static void test_boot(void)
{
	begin(STARTUP_BY_SIPI, true);
	is(STARTUP_RUNNING, STARTUP_NOTHING);
	assert(!startup_on_sipi(&s, 1));
	assert(startup_on_init(&s));
	assert(!startup_on_sipi(&s, 1)); /* the machine is reset: nothing takes that back */
	is(STARTUP_WAIT_SIPI, STARTUP_RESET);
	begin(STARTUP_BY_HOLD, true);
	assert(!startup_on_init(&s) && !startup_on_sipi(&s, 1));
	is(STARTUP_RUNNING, STARTUP_NOTHING);
}

static void test_hold(void)
{
	begin(STARTUP_BY_HOLD, false);
	assert(!startup_on_sipi(&s, 0x77));
	assert(startup_on_init(&s) && startup_on_sipi(&s, 0x77));
	is(STARTUP_RUNNING, STARTUP_FIRST);
	assert(!startup_on_sipi(&s, 0x77));
	startup_hold(&s);
	is(STARTUP_HELD, STARTUP_NOTHING);
	assert(!startup_on_sipi(&s, 0)); /* it is no INIT that it waits for, but none came */
	assert(startup_on_init(&s) && startup_on_sipi(&s, 0));
	is(STARTUP_RUNNING, STARTUP_RESUME);
	/* INIT that comes while it asks is not lost */
	assert(startup_on_init(&s));
	startup_hold(&s);
	is(STARTUP_WAIT_SIPI, STARTUP_NOTHING);
	assert(startup_on_sipi(&s, 0));
	is(STARTUP_RUNNING, STARTUP_RESUME);
	/* one that runs stops at INIT, and goes on at SIPI where it was */
	assert(startup_on_init(&s));
	is(STARTUP_WAIT_SIPI, STARTUP_NOTHING);
	assert(startup_on_sipi(&s, 0));
	is(STARTUP_RUNNING, STARTUP_NOTHING);
}

/* Behind a firmware: AP_CREATE at once, and ON_INIT with INIT and SIPI. */
static void test_parked(void)
{
	begin(STARTUP_BY_CREATION, false);
	startup_park(&s);
	is(STARTUP_HALTED, STARTUP_NOTHING);
	assert(!startup_on_sipi(&s, 1));
	assert(startup_create(&s, 0x5000, false) && s.vmsa_gpa == 0x5000);
	is(STARTUP_RUNNING, STARTUP_CREATE);
	assert(!startup_create(&s, 0x6000, true));
	is(STARTUP_RUNNING, STARTUP_NOTHING);
	assert(startup_on_init(&s) && s.vmsa_gpa == 0x6000);
	assert(startup_take_old(&s) == 0x5000 && !startup_take_old(&s));
	is(STARTUP_WAIT_SIPI, STARTUP_CREATE);
	assert(startup_on_sipi(&s, 1));
	is(STARTUP_RUNNING, STARTUP_NOTHING);
	assert(startup_destroy(&s) && startup_take_old(&s) == 0x6000);
	is(STARTUP_HALTED, STARTUP_DESTROY);
	assert(!s.vmsa_gpa);
	assert(startup_on_init(&s) && startup_on_sipi(&s, 1)); /* nothing to run */
	is(STARTUP_HALTED, STARTUP_NOTHING);
}

/* Never sent INIT: nothing but INIT and SIPI starts it, whatever was asked for before. */
static void test_uninitialized(void)
{
	begin(STARTUP_BY_CREATION, false);
	s.has_first = true;
	assert(!startup_create(&s, 0x5000, false));
	is(STARTUP_UNINITIALIZED, STARTUP_NOTHING);
	assert(!startup_on_sipi(&s, 1));
	is(STARTUP_UNINITIALIZED, STARTUP_NOTHING);
	assert(startup_on_init(&s));
	is(STARTUP_WAIT_SIPI, STARTUP_CREATE);
	assert(startup_on_sipi(&s, 1) && s.vmsa_gpa == 0x5000);
	is(STARTUP_RUNNING, STARTUP_NOTHING);

	begin(STARTUP_BY_CREATION, false);
	s.has_first = true;
	assert(!startup_create(&s, 0x5000, true) && startup_on_init(&s) && startup_on_sipi(&s, 1));
	is(STARTUP_RUNNING, STARTUP_CREATE);

	/* between INIT and SIPI a request waits for SIPI */
	begin(STARTUP_BY_CREATION, false);
	s.has_first = true;
	assert(startup_on_init(&s) && !startup_create(&s, 0x5000, false));
	is(STARTUP_WAIT_SIPI, STARTUP_NOTHING);
	assert(startup_on_sipi(&s, 1));
	is(STARTUP_RUNNING, STARTUP_CREATE);
}

/* A measured state of its own: once, by INIT and SIPI, and not after another one was made. */
static void test_first(void)
{
	begin(STARTUP_BY_CREATION, false);
	s.has_first = true;
	assert(startup_on_init(&s) && startup_on_sipi(&s, 1));
	is(STARTUP_RUNNING, STARTUP_FIRST);
	startup_hold(&s);
	assert(startup_on_init(&s) && startup_on_sipi(&s, 1));
	is(STARTUP_RUNNING, STARTUP_RESUME);
	assert(startup_create(&s, 0x5000, false));
	is(STARTUP_RUNNING, STARTUP_CREATE);
	assert(startup_destroy(&s));
	is(STARTUP_HALTED, STARTUP_DESTROY);
	assert(startup_create(&s, 0x5000, false));
	is(STARTUP_RUNNING, STARTUP_CREATE);
}

static void test_mailbox(void)
{
	begin(STARTUP_BY_MAILBOX, false);
	is(STARTUP_HALTED, STARTUP_NOTHING);
	assert(!startup_on_init(&s) && !startup_on_sipi(&s, 1));
	assert(startup_release(&s));
	is(STARTUP_RUNNING, STARTUP_FIRST);
	assert(!startup_release(&s)); /* once, and nothing takes it back */
	assert(!startup_on_init(&s) && !startup_on_sipi(&s, 1));
	is(STARTUP_RUNNING, STARTUP_NOTHING);
	begin(STARTUP_BY_MAILBOX, true);
	assert(!startup_release(&s));
	is(STARTUP_RUNNING, STARTUP_NOTHING);
	begin(STARTUP_BY_SIPI, false);
	assert(!startup_release(&s));
	is(STARTUP_UNINITIALIZED, STARTUP_NOTHING);
}

static void step(unsigned int what)
{
	switch (what) {
	case 0: startup_on_init(&s); break;
	case 1: startup_on_sipi(&s, 7); break;
	case 2: startup_take(&s); break;
	case 3:
		if ((s.way == STARTUP_BY_HOLD || s.way == STARTUP_BY_CREATION) &&
		    s.state == STARTUP_RUNNING && !s.action)
			startup_hold(&s);
		break;
	case 4:
		if (s.way == STARTUP_BY_CREATION)
			startup_create(&s, 0x1000, false);
		break;
	case 5:
		if (s.way == STARTUP_BY_CREATION)
			startup_destroy(&s);
		break;
	case 6: startup_release(&s); break;
	}
}

/* A processor that is to run has a state to run from, and one that is not has none to be taken. */
static void judge(void)
{
	if (s.state == STARTUP_RUNNING) {
		assert(s.started || s.vmsa_gpa);
		assert(s.action != STARTUP_STOP && s.action != STARTUP_DESTROY);
	} else {
		assert(s.action != STARTUP_AT_VECTOR);
		assert(s.action != STARTUP_CREATE || s.state == STARTUP_WAIT_SIPI);
	}
}

static void test_all_orders(void)
{
	unsigned int orders = 1;

	for (int i = 0; i < DEPTH; i++)
		orders *= STEPS;
	for (int way = STARTUP_BY_SIPI; way <= STARTUP_BY_MAILBOX; way++)
		for (unsigned int order = 0; order < orders; order++) {
			begin((enum startup_way)way, false);
			s.has_first = way == STARTUP_BY_CREATION;
			for (unsigned int rest = order, i = 0; i < DEPTH; i++, rest /= STEPS) {
				step(rest % STEPS);
				judge();
			}
		}
}

int main(void)
{
	test_sipi();
	test_boot();
	test_hold();
	test_parked();
	test_uninitialized();
	test_first();
	test_mailbox();
	test_all_orders();
	return 0;
}
