/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to the hypervisor through the GHCB page of this processor.
 * Spec: GHCB 2.3, 4.1. A request marks valid exactly the fields it uses; an answer is read once
 * into locals and checked; a malformed one terminates. Callers have a kernel stack and any IF.
 */
#pragma once

#include "abi/ghcb.h"
#include "early/ghcb_msr.h"
#include "lib/addr.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/errno.h"
#include "lib/trap_frame.h"
#include "paravirt/host.h"

/*
 * The highest version of the protocol that the hypervisor speaks too. Ends a guest whose hypervisor
 * has none, or none from @least on, or knows another C-bit. By MSR protocol only.
 */
void ghcb_negotiate(unsigned int least);
/* The one that was agreed on. */
unsigned int ghcb_version(void);
/* Shares and registers the page of this processor: MSR protocol only. Terminates on refusal. */
void ghcb_setup(void);
/* The same for an SEV-ES guest, whose hypervisor knows of no registration. */
void ghcb_setup_unregistered(void);
/* The same for a page that ghcb_share_others() shared; -E_PERM when the host refuses it. */
int ghcb_setup_other(void);
int ghcb_setup_other_unregistered(void);
/* A request that changes nothing, of a page that nobody registers: -E_PERM when it is refused. */
int must_check ghcb_try(void);
bool ghcb_is_ready(void);

/*
 * Exclusive use of the page, with interrupts off, emptied (nothing valid). An NMI inside a request
 * may begin one of its own: the page is saved and put back. A fifth level terminates.
 */
struct ghcb_request {
	struct ghcb *ghcb;
	u64 flags;
	u64 msr; /* what a request by MSR protocol had in the MSR; 0: there is none */
};
struct ghcb_request ghcb_begin(void);
void ghcb_end(struct ghcb_request *request);

static inline void ghcb_valid_mark(struct ghcb *g, unsigned int bit)
{
	u8 *byte = &g->save.valid_bitmap[bit / 8];

	WRITE_ONCE(*byte, READ_ONCE(*byte) | 1 << bit % 8);
}

static inline void ghcb_valid_must(const struct ghcb *g, unsigned int bit)
{
	if (!(READ_ONCE(g->save.valid_bitmap[bit / 8]) & 1 << bit % 8))
		ghcb_terminate(TERM_RESPONSE);
}

/* A field of the request, which becomes valid. */
#define ghcb_set(g, field, v)                                                                      \
	do {                                                                                       \
		WRITE_ONCE((g)->save.field, (v));                                                  \
		ghcb_valid_mark((g), GHCB_VALID_BIT(field));                                       \
	} while (0)
/* A field of the answer, read once; terminates when the hypervisor did not mark it valid. */
#define ghcb_get(g, field)                                                                         \
	({                                                                                         \
		ghcb_valid_must((g), GHCB_VALID_BIT(field));                                       \
		READ_ONCE((g)->save.field);                                                        \
	})

/*
 * VMGEXIT. Returns 0; -E_FAULT when the hypervisor answers with an exception, in *exception; -E_IO
 * when it refuses to create a processor. Anything else that it may answer terminates.
 */
int must_check ghcb_exit(struct ghcb *g, u64 code, u64 info1, u64 info2,
			 struct host_exception *exception);

/* Requests beside those of the table in paravirt/host.h; 0, or -E_FAULT with *exception. */
int must_check ghcb_cpuid(u32 leaf, u32 subleaf, struct cpuid_regs *regs, struct host_exception *e);
int must_check ghcb_vmmcall(u64 nr, const u64 args[4], u64 *result, struct host_exception *e);
/* @code is SVM_EXIT_RDTSC or _RDTSCP; *aux only for the latter. */
int must_check ghcb_tsc(u64 code, u64 *tsc, u32 *aux, struct host_exception *e);
int must_check ghcb_pmc(u32 counter, u64 *value, struct host_exception *e);
int must_check ghcb_dr7_write(u64 value, struct host_exception *e);
/* An exit with no operands (WBINVD, INVD, NMI complete). */
int must_check ghcb_simple(u64 code, struct host_exception *e);

/* Hook nmi_complete; and for one that came to this processor before it had a way to say so. */
void ghcb_nmi_complete(void);
void ghcb_nmi_catch_up(void);

/*
 * Page-state changes, and the validation that belongs to them (psc.c): GHCB 4.1.6, APM3 PVALIDATE.
 * A host that refuses or cheats ends the run: terminates.
 */

/*
 * Fills @desc with entries from page *gfn on, 2M ones where alignment and length allow, and moves
 * *gfn behind the last; @end is the first page that is not meant.
 */
void psc_fill(struct psc_desc *desc, u64 *gfn, u64 end, unsigned int op);

/* Has @op done to all pages: by the GHCB in batches of 253, by MSR protocol before there is one. */
void psc_change(pa_t start, u64 page_count, unsigned int op);

/* One request as a whole; *desc is private memory. 0, or what the host answered: PSC_ERROR_*. */
u64 psc_request(const struct psc_desc *desc);

/*
 * Whether a page that was just validated may still be in caches with its old contents, which the
 * processor tells by CPUID 0x8000001F. True until this is called.
 */
void psc_set_eviction(bool needed);

/* PVALIDATE of mapped private pages, 2M where possible. One that changes nothing terminates. */
void psc_validate(va_t start, u64 page_count, bool validate);

/*
 * Hook handle_exception: #VC (vc.c), by which the processor tells that an instruction needs the
 * hypervisor. Spec: APM2 15.35.5, GHCB 4.
 * Runs on a stack of its own that cannot be nested: nothing in it may raise a #VC.
 */
void vc_handle(struct trap_frame *frame);
