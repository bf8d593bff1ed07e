/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether one of the guest's processors runs, and what starts it: INIT and SIPI, SEV-ES's reset
 * hold, SNP's AP creation; or, of a TD, the machine's start. Whoever causes a change makes it here
 * at once; the processor it is about takes the action that follows when it next can.
 *
 * As KVM has it: a processor that was never sent INIT is UNINITIALIZED, and KVM_RUN looks at
 * nothing else, at no SIPI and at no creation. AP_CREATE therefore waits until INIT and SIPI have
 * come; behind a firmware, which has left that state long ago, it works at once. AP_CREATE_ON_INIT,
 * then INIT and SIPI, works in every state.
 * Spec: APM2 16.5 (INIT, SIPI), GHCB 4.1.9 and 4.3 (AP creation, AP reset hold); KVM's
 * kvm_arch_vcpu_ioctl_run(), kvm_apic_accept_events() and sev_snp_ap_creation().
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
	STARTUP_UNINITIALIZED, /* no INIT yet */
	STARTUP_WAIT_SIPI,     /* INIT was received */
	STARTUP_HALTED,        /* nothing to run from: SNP, destroyed; TDX, not released */
	STARTUP_HELD,          /* its request for a reset hold is to be answered */
};

enum startup_action {
	STARTUP_NOTHING,
	STARTUP_STOP,      /* INIT: it loses its state and waits */
	STARTUP_RESET,     /* INIT of the boot processor: the machine's reset */
	STARTUP_AT_VECTOR, /* real mode, at vector << 12 */
	STARTUP_FIRST,     /* SEV-ES, TDX, SNP where it has_first: as firmware would leave it */
	STARTUP_RESUME,    /* SEV-ES, SNP: the reset hold ends */
	STARTUP_CREATE,    /* from the VMSA at vmsa_gpa */
	STARTUP_DESTROY,
};

enum startup_request {
	STARTUP_NO_REQUEST,
	STARTUP_REQUEST_ON_INIT,
	STARTUP_REQUEST_NOW, /* as soon as anybody looks at it */
};

struct startup {
	enum startup_way way;
	enum startup_state state;
	enum startup_action action; /* not taken yet */
	bool is_boot;
	bool started;   /* since reset, and has a state: its own, which INIT does not touch */
	bool held;      /* ... which waits in a reset hold */
	bool has_first; /* launched with a state of its own: SEV-ES, SNP measured by firmware */
	u8 vector;
	u64 vmsa_gpa;                 /* in use, or about to be; 0: none */
	u64 old_gpa;                  /* was in use before; startup_take_old() */
	enum startup_request request; /* of AP creation, or destruction, not looked at yet */
	u64 request_gpa;              /* 0: destruction */
};

/* At the machine's start: the boot processor runs. */
void startup_init(struct startup *s, enum startup_way way, bool is_boot);

/* A firmware ran before, and parked it: a direct boot of an SNP guest. */
void startup_park(struct startup *s);

/* INIT or SIPI arrives; true: it has to look. */
bool startup_on_init(struct startup *s);
bool startup_on_sipi(struct startup *s, u8 vector);

/* The processor asked for a reset hold. */
void startup_hold(struct startup *s);

/* AP creation by another processor, or by itself; the VMSA is judged already. True: at once. */
bool startup_create(struct startup *s, u64 vmsa_gpa, bool on_init);
bool startup_destroy(struct startup *s);

/* After each of these four: the VMSA that is not in use any more, once; 0: none. */
u64 startup_take_old(struct startup *s);

/* The processors that all run from the start are let go; false: this one was before, or is none. */
bool startup_release(struct startup *s);

/* The action to take now, once. */
enum startup_action startup_take(struct startup *s);
