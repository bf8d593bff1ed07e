/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest, and one of its processors. C and assembly.
 */
#pragma once

#include "abi/bits.h"

/* struct vcpu, for vmrun.S */
#define VCPU_GPR      0x00
#define VCPU_HOST_IF  0x80
#define VCPU_OWN_TIME 0x88
#define VCPU_LEFT_TSC 0x90

#ifndef __ASSEMBLER__
#include "abi/ghcb.h" /* exit codes */
#include "abi/sev.h"
#include "abi/vmcb.h"
#include "abi/x86.h"
#include "monitor/machine/acpi.h"
#include "monitor/svm/access.h"
#include "monitor/svm/apic_ipi.h"
#include "model/memmap.h"
#include "monitor/svm/exit_context.h"
#include "monitor/svm/lenient.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/profile_mark.h"
#include "monitor/svm/startup.h"
#include "monitor/svm/walk_cache.h"

#define REG_RAX 0
#define REG_RCX 1
#define REG_RDX 2
#define REG_RBX 3
#define REG_RSP 4
#define REG_RSI 6
#define REG_RDI 7

/*
 * Restricted injection (APM2 15.36.16): of all events #HV alone is injected. What it stands for is
 * told in a page of the guest's, by the host (GHCB, #HV doorbell page).
 */
struct doorbell {
	u64 gpa;       /* or HV_DOORBELL_NONE */
	u64 queued[4]; /* interrupts that the APIC has given, by vector, and nobody was told of */
	bool is_due;   /* #HV is to be injected */
};

/* V_TPR in int_ctl: APM2 15.21.2 */
#define VINTR_TPR_MASK 0xf

struct vcpu_hardware;
struct vcpu_host;

/* Runs on the processor of its APIC id only. All but in_guest and kicked is under the lock. */
struct vcpu {
	u64 gpr[16];   /* by number; RAX and RSP live in the VMCB */
	u64 host_if;   /* whether an interrupt ends the guest's run */
	u64 own_time;  /* whether the guest's TSC leaves out what it does not execute itself */
	u64 left_tsc;  /* with own_time: the machine's TSC at the exit */
	u64 tsc_moved; /* by how much the guest has moved its TSC */
	struct vmcb *vmcb;
	struct npt *npt; /* the space that its addresses are of */
	/* What it reaches there at an address; NULL: guest memory, by page_of_guest(). */
	void *(*page)(struct vcpu *v, u64 address, enum access_kind kind);
	unsigned int id;
	u32 apic_id;
	struct vcpu_hardware *hardware; /* what is not the mechanism's: hardware/state.h */
	struct vcpu_host *host;         /* host/state.h */
	struct exit_context exit;
	struct exit_known known[EXIT_KNOWN_SETS][2];
	struct walk_cache walks;
	struct doorbell doorbell;
	struct profile_mark profile;
	int irq_held; /* acknowledged, but the guest has interrupts off; 0: none */
	struct startup startup;
	bool in_guest;       /* from before VMRUN until after the exit */
	bool kicked;         /* an NMI of ours is under way to it */
	bool halted_forever; /* with interrupts off */
	u64 npt_seen;        /* npt->generation when it last entered; NPT_SEEN_NONE: flush */
	u64 tpr;             /* as its local APIC knows it */
	bool nmi_pending;    /* to be injected when it can be */
	bool nmi_blocked;    /* until the IRET of its handler, or until it says NMI complete */
	bool nmi_iret;       /* ... and that IRET is the next instruction */
	u32 steps;           /* instructions to go one by one, then host->stepped() */
	bool host_is_due;    /* host->enter() is called before it enters */
	bool x2apic;         /* its APIC's registers are MSRs, and no page */
	struct {
		u64 rip, tf, dr6;        /* before it: the guest's */
		u64 raised;              /* what a #DB that ends it says in DR6 */
		bool on;                 /* between enter and left */
		u8 opcode;               /* of a counted one: its first byte that is no prefix */
	} step;                          /* svm/step.h */
	struct apic_address apic;        /* of the trapped xAPIC page */
	u32 apic_icr_low, apic_icr_high; /* the machine's own has the monitor's last kick */
	u64 apic_base;                   /* MSR */
	u64 x2apic_icr;
	struct lenient_pages lenient;
	/* What is left to do of an exit before it enters again, a piece a call; NULL: nothing. */
	void (*rest)(struct vcpu *v);
	/* It cannot go on, and somebody is to know who runs it; does not return. NULL: nobody. */
	void (*crashed)(struct vcpu *v);
	u32 apic_timer_divide, apic_timer_initial; /* of an x2APIC: as the guest wrote them */
	unsigned int apic_timer_log;               /* what the machine's timer divides by */
	struct {
		bool on; /* that mode */
		u8 vector, divide_log;
		u64 tsc; /* 0: not armed */
	} deadline;      /* svm/tsc_deadline.h */
};
ABI_OFFSET(struct vcpu, gpr, VCPU_GPR);
ABI_OFFSET(struct vcpu, host_if, VCPU_HOST_IF);
ABI_OFFSET(struct vcpu, own_time, VCPU_OWN_TIME);
ABI_OFFSET(struct vcpu, left_tsc, VCPU_LEFT_TSC);

/* An RDMSR, or a WRMSR with its value. */
struct msr_access {
	u32 msr;
	bool write;
	u64 value;
};

struct hardware_ops;
struct host_ops;

struct guest {
	const struct hardware_ops *hardware;
	const struct host_ops *host;
	struct vcpu *cpus; /* by id; APIC ids are the same */
	unsigned int cpu_count;
	bool intercept_rdtsc;
	bool holds_interrupts; /* until the next exit: svm/intr.h */
	bool own_time;
	unsigned int lenient;  /* LENIENT_*, of an SNP guest: see monitor/machine/options.h */
	unsigned int features; /* FEATURE_*, the same */
	const int *inject;     /* by enum options_inject; -1: not */
	bool is_injecting;     /* one of them at least */
	struct npt npt;        /* its memory */
	struct memmap map;     /* as the guest is told */
	u64 ram_end_low;       /* RAM and what firmware reserved of it, below 4 GiB */
	u64 own_low, own_high; /* the monitor's memory */
	u64 rom_gpa, rom_size; /* a firmware image, which ends at 4G; size 0: none */
	u64 rom_host;          /* ... where the monitor has it */
	u64 hole_host;         /* ... and the PC's hole, of which it is not told; 0: it has one */
	u64 lone_gpa; /* a page mapped by itself, whose first touch the host waits for; 0: none */
	u64 sev_features; /* of an SNP guest's VMSAs */
	struct acpi acpi; /* the machine's tables */
	u64 tsc_khz;
	u64 secret; /* host/leak.h: in private memory that nobody wrote; 0: none */
};

/* There is one guest. */
extern struct guest guest;

static inline bool guest_is_restricted(void)
{
	return guest.sev_features & SEV_FEATURES_RESTRICTED_INJECTION;
}

static inline u64 *vcpu_reg(struct vcpu *v, unsigned int n)
{
	if (n == REG_RAX)
		return &v->vmcb->save.rax;
	return n == REG_RSP ? &v->vmcb->save.rsp : &v->gpr[n];
}

/* Without paging, or without PAE, there is no C-bit: every access is private. APM2 15.34.4 */
static inline bool vcpu_always_private(const struct vcpu *v)
{
	return !(v->vmcb->save.cr0 & CR0_PG) || !(v->vmcb->save.cr4 & CR4_PAE);
}

/* The TSC as @v has it; it is set to @tsc. */
u64 vcpu_tsc(const struct vcpu *v);
void vcpu_tsc_write(struct vcpu *v, u64 tsc);

static inline bool vcpu_long_mode(const struct vcpu *v) { return v->vmcb->save.efer & EFER_LMA; }

/* ... and not in one of its compatibility modes. */
static inline bool vcpu_is_64bit(const struct vcpu *v)
{
	return vcpu_long_mode(v) && v->vmcb->save.cs.attrib & SEG_ATTRIB_L;
}

/* Runs the guest until its next exit. GIF=0 before and after. */
void svm_vmrun(struct vcpu *v, u64 vmcb_pa);
#endif
