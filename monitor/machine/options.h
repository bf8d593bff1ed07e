/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor's command line: `<monitor options> -- <guest command line>`.
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"

/* inject=<name> or inject=<name>:<number>: what a test wants to go wrong. */
#define OPTIONS_INJECT(INJECT)                                                                     \
	INJECT(SVM_REFUSE, "svm-refuse")        /* processor <number> refuses SVM */               \
	INJECT(TDX_BUSY, "tdx-busy")            /* the first <number> ACCEPTs return BUSY */       \
	INJECT(TDX_LENIENT, "tdx-lenient")      /* accepting twice is only told, as by hardware */ \
	INJECT(TDX_RETRY, "tdx-retry")          /* MapGPA stops after <number> pieces of 2M */     \
	INJECT(TDX_STUCK, "tdx-stuck")          /* MapGPA always says RETRY, and does nothing */   \
	INJECT(TDX_NO_MAP_GPA, "tdx-no-mapgpa") /* MapGPA is not supported */                      \
	INJECT(TDX_PENDING_VE, "tdx-pending-ve") /* pages not accepted give #VE */                 \
	INJECT(TDX_FLEXIBLE, "tdx-flexible")     /* ... but the guest may change that */           \
	INJECT(HOB_LIE, "hob-lie")               /* a TD's HOB: 1 all is accepted; 0 nothing */    \
	INJECT(TDX_DEBUG, "tdx-debug")           /* the TD has ATTRIBUTES.DEBUG */                 \
	INJECT(TDX_PV_PAGES, "tdx-pv-pages")     /* a host that writes KVM's pages for a TD */     \
	INJECT(CPUID_LIE, "cpuid-lie")           /* CPUID lies: see svm/lie.h */                   \
	INJECT(NMI_IN_MSR, "nmi-in-msr")         /* NMIs after VMGEXIT <number> and all later */   \
	INJECT(CPU_SETUP_FAIL, "cpu-setup-fail") /* nothing of processor <number> is registered */ \
	INJECT(PV_REFUSE, "pv-refuse")           /* 10 n + m: processor n's MSR 4b564d0m */        \
	INJECT(PV_KEEP, "pv-keep")               /* MSR 4b564d0<number> takes no 0 */              \
	INJECT(KVM_HIDE, "kvm-hide")             /* KVM's features <number> are not offered */     \
	INJECT(ASYNC_PF, "async-pf")     /* pages first touched are away for <number> ms */        \
	INJECT(CLOCK_BACK, "clock-back") /* kvmclock goes back by <number> ms with each exit */    \
	INJECT(CPU_START_FAIL, "cpu-start-fail")   /* processor <number> is not started */         \
	INJECT(CPU_START_LATE, "cpu-start-late")   /* ... starts when nobody waits for it now */   \
	INJECT(CPU_START_EARLY, "cpu-start-early") /* processor <number> gets a SIPI at once */    \
	INJECT(JUMP_TABLE, "jump-table")       /* the AP jump table is said to be at <number> */   \
	INJECT(WITHHOLD, "withhold")           /* who has steal time loses <number> ms of 200 */   \
	INJECT(APIC_ID, "apic-id")             /* the APIC's id reads as <number>, once */         \
	INJECT(APIC_IN_RAM, "apic-in-ram")     /* the memory map calls the APIC's page RAM */      \
	INJECT(ACPI_RESERVED, "acpi-reserved") /* ... and ACPI's tables reserved, as a device */   \
	INJECT(ICR_BUSY, "icr-busy")           /* the APIC never sends what it is given */         \
	INJECT(UART_DEAD, "uart-dead")         /* COM1 is never ready */                           \
	INJECT(PORT_REFUSED, "port-refused")   /* #GP for each port after <number> requests */     \
	INJECT(MAP_GPA_REFUSED,                                                                    \
	       "map-gpa-refused")            /* MAP_GPA_RANGE fails after <number> of them */      \
	INJECT(PSC_REFUSED, "psc-refused")   /* page-state change <number> by GHCB fails */        \
	INJECT(MESSAGE_BUSY, "message-busy") /* <number> guest messages are not carried: busy */   \
	INJECT(QUOTE_ABSENT, "quote-absent") /* there is no quoting service */                     \
	INJECT(QUOTE_SLOW, "quote-slow")     /* ... or one that takes <number> ms */               \
	INJECT(END_IGNORED, "end-ignored")   /* <number> ends by protocol are not heard */         \
	INJECT(EVENT, "event")               /* 1000 n + m: vector n after request m */            \
	INJECT(DOORBELL, "doorbell")         /* event:28... comes with <number> in the #HV page */ \
	INJECT(CANARY, "canary")             /* MEMORY_CANARY behind each piece of its memory */   \
	INJECT(GHCB_VERSION, "ghcb-version") /* the host speaks up to version <number> */          \
	INJECT(SEV_HIDDEN, "sev-hidden")     /* SEV-ES: SEV_STATUS is #GP; 2: leaf 1 lies */       \
	INJECT(SEV_LEAF, "sev-leaf")         /* a plain guest sees the leaf of a host with SEV */  \
	INJECT(TSC_STUCK, "tsc-stuck")       /* intercept=rdtsc answers <number>, always */        \
	INJECT(VC_SPURIOUS, "vc-spurious")   /* 1000 n + m: #VC for exit n after VMGEXIT m */      \
	INJECT(MSR_WRONG, "msr-wrong")       /* answer <number> by MSR is to another request */    \
	INJECT(PSP_FAIL, "psp-fail")     /* snp-host: PSP command <number> is HWERROR_UNSAFE */    \
	INJECT(PSP_SILENT, "psp-silent") /* ... and none from <number> on is answered */           \
	INJECT(PSP_LATE, "psp-late")     /* ... each is answered <number> ms later */              \
	INJECT(ASIDS, "asids")           /* snp-host: <number> ASIDs of SEV, and of the others */  \
	INJECT(NO_SME, "no-sme")         /* snp-host: processor <number> has no MEM_ENCRYPT */     \
	INJECT(RMP_SMALL, "rmp-small")   /* snp-host: the RMP is for half of the memory */         \
	INJECT(NO_SNP_EN, "no-snp-en")   /* snp-host: SNP_EN cannot be set on processor <number> */

enum options_inject {
#define INJECT(constant, name) INJECT_##constant,
	OPTIONS_INJECT(INJECT)
#undef INJECT
		INJECT_COUNT,
};

/*
 * lenient=<name>: with other firmware than ours, what is a violation otherwise. SNP; vmcall of
 * every guest with AMD's encryption.
 */
#define LENIENT_CONVERT BIT(0) /* convert: QEMU shares a page, never validated, that is so used */
#define LENIENT_DEVICE  BIT(1) /* device: one touched through a private mapping is #VC too */
#define LENIENT_VERSION BIT(2) /* version: the GHCB's is not looked at, as by KVM */
#define LENIENT_TOUCH   BIT(3) /* touch: pages may be used before they are validated */
#define LENIENT_PSC     BIT(4) /* psc: reserved bits of a page-state change's header, as by KVM */
#define LENIENT_VMCALL  BIT(5) /* vmcall: VMCALL is #UD, as on hardware */

/* features=<name>: what a host of an SNP guest offers or asks for beyond its default. */
#define FEATURE_RESTRICTED_INJECTION BIT(0) /* restricted-injection: in SEV_FEATURES */
#define FEATURE_APIC_ID_LIST         BIT(1) /* apic-id-list */
#define FEATURE_DEBUG_SWAP           BIT(2) /* debug-swap: in SEV_FEATURES; DR7 still exits */
#define FEATURE_SECURE_TSC           BIT(3) /* secure-tsc: in SEV_FEATURES */
#define FEATURE_VLEK                 BIT(4) /* vlek: the processor has been given a VLEK */

/* break=<what>: what is behind the '=', which svm/breakpoint.h reads. */
#define BREAK_MAX 8
struct option_word {
	const char *text;
	size_t length;
};
#define OPTIONS_LIES_MAX 8 /* lie=<text>: host/point.h */

struct options {
	char platform[16];     /* platform=<kind of guest>; default snp */
	u32 trace;             /* trace or trace=<events>: those go to port 0x406, by BIT(event) */
	bool quiet;            /* quiet: no lines but errors */
	bool intercept_rdtsc;  /* intercept=rdtsc */
	bool holds_interrupts; /* interrupts=held: none ends a run of the guest */
	bool own_time;         /* tsc=own: the TSC counts what the guest executes itself */
	bool strict_map_gpa;   /* strict=map-gpa: pages are used as the host was told */
	u64 page_size;         /* pages=4k or 2m: of what the host gives; 0: the kind's default */
	unsigned int lenient;  /* LENIENT_* */
	unsigned int features; /* FEATURE_* */
	u32 report_version;    /* report=2 to 5: of SNP's attestation reports; 0: default */
	u32 quote_version;     /* quote=4 or 5: of TDX quotes; 0: default */
	bool served;           /* served: machine/served.h */
	bool secrets;          /* secrets: host/leak.h */
	bool points;           /* points: the campaign's are counted, for the transcript */
	u32 budget;            /* budget=<requests>: since the last lie; 0: any number */
	bool ends_machine;     /* ends=machine: power-off and reset are the machine's own */
	bool ghcb_1;           /* ghcb=1: no newer version, as of KVM_SEV_ES_INIT's guests */
	struct option_word breaks[BREAK_MAX];
	unsigned int break_count;
	int inject[INJECT_COUNT]; /* its number, 1 without one; -1: not injected */
	struct option_word lies[OPTIONS_LIES_MAX];
	unsigned int lie_count;
	const char *guest_cmdline;
};

/* Parses @cmdline, which must live on. -E_INVAL after an error line naming the option. */
must_check int options_parse(struct options *options, const char *cmdline);
