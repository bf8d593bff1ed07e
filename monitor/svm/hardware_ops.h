/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between the kinds of hardware under a guest: one const table each, guest.hardware,
 * with every hook written out, by itself or in the list that it shares with its like
 * (SEV_MEMORY). What is the same for all asks the table, never for a kind.
 */
#pragma once

#include "abi/launch_note.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "monitor/svm/access.h"
#include "monitor/svm/insn.h"
#include "monitor/svm/vcpu.h"

/* What is promised of memory when the guest starts. */
enum launch_memory {
	LAUNCH_MEASURED,   /* there, with its contents */
	LAUNCH_ACCEPTED,   /* there, contents undefined: firmware would have accepted it */
	LAUNCH_UNACCEPTED, /* the guest has to validate or accept it first */
};

struct hardware_ops {
	/* Which of two aliases a guest-physical address's alias bit names when it is set. */
	bool alias_is_shared;
	bool is_intel;         /* SYSCALL's, SYSENTER's and TSC_AUX's registers are Intel's */
	bool has_ports;        /* the host may pass ports through */
	bool has_tsc_deadline; /* of its APIC's timer; the host answers reads of the registers */
	bool has_cc_blob;      /* Linux is told of secrets and CPUID pages */
	bool has_nmi_complete; /* the guest tells by GHCB when it can take the next NMI */
	bool is_state_open;    /* the host sees and changes registers */
	bool is_cipher;        /* poison is taken off again by poison: a key, and no page states */
	bool has_hole_memory;  /* a machine for it has memory where a PC has its hole */
	bool is_zeroed;        /* poison of a private page is zeroes: acceptance clears it */
	bool is_encrypted;     /* two views of memory: alias_bit() is asked */
	enum startup_way startup; /* of the other processors */

	/* The alias bit, where addresses have bits up to @highest; 0: they have too few. */
	unsigned int (*alias_bit)(unsigned int highest);
	/* Before memory is assigned: what the kind keeps about @page_count pages, its CPUID. */
	void (*init)(u64 page_count);
	/* Intercepts beyond those of every guest. */
	void (*intercept)(struct vmcb *vmcb);
	/* Before the first entry, with a loader's state in place: what the launch dictates. */
	void (*launch)(struct vcpu *v);
	/* Page states at launch, page-aligned; -E_RANGE: no such memory. */
	int (*assign)(u64 gpa, u64 size, enum launch_memory memory);
	/* Fills a page that the image's launch note or Linux's blob has for it. */
	int (*fill_section)(const struct launch_section *section);

	/*
	 * Judges an access through @address, alias bit included. A violation does not return;
	 * false: the guest gets an exception instead.
	 */
	bool (*access)(struct vcpu *v, u64 address, enum access_kind kind);
	/* Of the page at @gpa: it is mapped as shared; poison is due. */
	bool (*is_shared)(u64 gpa);
	bool (*is_poison)(u64 gpa);
	/* The host is about to use it; false: it cannot. */
	bool (*host_access)(u64 gpa);
	/*
	 * A hostile host takes the page at @gpa; and gives another back, which the guest has not
	 * accepted. False: it cannot, or the page keeps nothing that it could lose.
	 */
	bool (*host_takes)(u64 gpa, bool gives_back);
	/*
	 * The pages around the one at @gpa, in its 2M, that a nested mapping which is right for
	 * it is right for too: where they begin, and their @size.
	 */
	u64 (*alike)(u64 gpa, u64 *size);
	void (*poisoned)(u64 gpa, u64 size);
	/* Whether hardware has the page, and no write may reach it: it is mapped read-only. */
	bool (*is_read_only)(u64 gpa);

	/* A data access to a device, or to nothing, through the shared alias. */
	void (*device)(struct vcpu *v, u64 address, u64 info);
	/* Of these four the instruction has been looked at: exit_is(). RDMSR or WRMSR. */
	void (*msr)(struct vcpu *v, const struct msr_access *access);
	/* Whether CR0 or CR4 may be written so; false: an exception is injected. */
	bool (*write_cr)(struct vcpu *v, unsigned int cr, u64 value, const struct insn *insn);
	/* VMMCALL or VMGEXIT, and what is #UD for the processor below. */
	void (*vmmcall)(struct vcpu *v, const struct insn *insn);
	void (*undefined)(struct vcpu *v, const struct insn *insn);
	/* Any other exit: what hardware leaves to the host. */
	void (*host_exit)(struct vcpu *v, u64 code);

	/* Runs it, for ever: enter, see why it came back, answer, again. */
	noreturn_t (*run)(struct vcpu *v);
	/* Whether an NMI has to wait, beside for the last one's end. */
	bool (*holds_nmi)(const struct vcpu *v);
	/* No processor's state is in the page at @gpa any more. */
	void (*state_left)(u64 gpa);
};

/* Whether @address, alias bit included, is the shared alias. Without paging there is only one. */
static inline bool kind_is_shared(const struct vcpu *v, u64 address)
{
	return v->npt->alias_is_shared ? address & v->npt->alias_bit
				       : !(address & v->npt->alias_bit) && !vcpu_always_private(v);
}

/* What private addresses have set. */
static inline u64 kind_private_bit(void)
{
	return guest.npt.alias_is_shared ? 0 : guest.npt.alias_bit;
}
