/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether one of the guest's processors runs, and what starts it: INIT and SIPI, SEV-ES's reset
 * hold, SNP's AP creation; or, of a TD, the machine's start. Whoever causes a change makes it here
 * at once; the processor it is about takes the action that follows when it next can.
 * Spec: APM2 16.5 (INIT, SIPI), GHCB 4.1.9 and 4.3 (AP creation, AP reset hold).
 */
#pragma once

#include "abi/bits.h"

/* How a kind of guest starts its other processors. */
enum startup_way {
	STARTUP_BY_SIPI,     /* in real mode, where SIPI says */
	STARTUP_BY_HOLD,     /* SEV-ES: SIPI only lets go; where is agreed with the guest */
	STARTUP_BY_CREATION, /* SNP: with a state that another processor made */
	STARTUP_BY_MAILBOX,  /* TDX: all run from the start, if there are others at all */
};

enum startup_state {
	STARTUP_RUNNING,
	STARTUP_WAIT_INIT, /* nothing to start from: SNP, not created; TDX, not released */
	STARTUP_WAIT_SIPI,
	STARTUP_HELD, /* its request for a reset hold is to be answered */
};

enum startup_action {
	STARTUP_NOTHING,
	STARTUP_STOP,      /* INIT: it loses its state and waits */
	STARTUP_RESET,     /* INIT of the boot processor: the machine's reset */
	STARTUP_AT_VECTOR, /* real mode, at vector << 12 */
	STARTUP_FIRST,     /* SEV-ES, TDX, SNP where it has_first: as firmware would leave it */
	STARTUP_RESUME,    /* SEV-ES: the reset hold ends */
	STARTUP_CREATE,    /* from the VMSA at vmsa_gpa */
	STARTUP_DESTROY,
};

struct startup {
	enum startup_way way;
	enum startup_state state;
	enum startup_action action; /* not taken yet */
	bool is_boot;
	bool started;   /* once, after reset */
	bool has_first; /* SNP: launched with a measured state of its own, by firmware */
	u8 vector;
	u64 vmsa_gpa;    /* in use, or about to be */
	u64 pending_gpa; /* CREATE_ON_INIT: for the next INIT; 0: none */
};

/* At the machine's start: the boot processor runs. */
void startup_init(struct startup *s, enum startup_way way, bool is_boot);

/* INIT or SIPI arrives; true: there is an action to take. */
bool startup_on_init(struct startup *s);
bool startup_on_sipi(struct startup *s, u8 vector);

/* The processor asked for a reset hold. */
void startup_hold(struct startup *s);

/* AP creation by another processor, or by itself; the VMSA is judged already. */
bool startup_create(struct startup *s, u64 vmsa_gpa, bool on_init);
bool startup_destroy(struct startup *s);

/* The processors that all run from the start are let go; false: this one was before, or is none. */
bool startup_release(struct startup *s);

/* The action to take now, once. */
enum startup_action startup_take(struct startup *s);
