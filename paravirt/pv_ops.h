/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between platforms, as one table of functions. paravirt/pv_ops.def says what each
 * hook does. Callers use the inlines below: the only call form that alternatives can rewrite.
 */
#pragma once

#include "abi/kvm_para.h"
#include "alternatives/alt.h"
#include "lib/addr.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/trap_frame.h"
#include "paravirt/cpus.h"
#include "paravirt/host.h"

#define PV_HOOK(kind, call, type, name, args, a, b, c) type(*name) args;
struct pv_ops {
	const char *name; /* of the platform, for messages */
#include "paravirt/pv_ops.def"
	/* What hooks go over that are requests to the host; NULL: none of them is. */
	const struct host_requests *host;
	/* What goes on where a processor's set-up fails; NULL: nothing keeps what this protects. */
	const struct pv_ops *plainer;
};
#undef PV_HOOK

/*
 * The live table: valid from the first instruction, assigned in two steps, then sealed. pv_init
 * gives the platform's, by which processors are set up; pv_publish decides whether it stays.
 */
extern struct pv_ops pv_ops;

/* The const tables, one a platform. Read side by side they say how the platforms differ. */
extern const struct pv_ops pv_ops_plain;     /* no hypervisor, or none that we know */
extern const struct pv_ops pv_ops_kvm_amd;   /* KVM where the hypercall is VMMCALL */
extern const struct pv_ops pv_ops_kvm_intel; /* KVM where the hypercall is VMCALL */
extern const struct pv_ops pv_ops_kvm_protected_amd;
extern const struct pv_ops pv_ops_kvm_protected_intel;
extern const struct pv_ops pv_ops_sev;
extern const struct pv_ops pv_ops_sev_es;
extern const struct pv_ops pv_ops_snp;
extern const struct pv_ops pv_ops_tdx;

/*
 * Selects the platform's const table, refuses a NULL hook by name (a missing required hook stops
 * the boot, in every build), publishes the table.
 */
void pv_init(void);

/*
 * The second step, which decides which table is in force for good: when every processor ran its
 * set-up, and before hook calls become direct calls. Where all of them succeeded, the table that
 * pv_init published stays. Where the host refused a page of some processor, that page is taken back
 * on every one. Where a processor's set-up itself failed, all pages are, and the platform's plainer
 * table takes over; a platform without one has something to protect, and ends by protocol. Nor can
 * a processor that is adrift be rolled back, or kept from memory that was private and is shared.
 */
void pv_publish(const struct cpus_outcome *started, const struct cpus_services *services);

/* The first hook that @ops lacks, or NULL when it has all; *required says which kind it is. */
const char *pv_ops_missing(const struct pv_ops *ops, bool *required);

/* The table for this platform; a test guest replaces it. */
const struct pv_ops *pv_platform_table(void);

/* The shared defaults of optional hooks. */
void pv_nop(void);
int pv_return_zero(void);
/* ... as the value of a hook with arguments, which it ignores. */
#define PV_DEFAULT(function) ((void *)(function))

/*
 * One form for every hook: four argument registers at most, the C convention's clobbers without
 * vector registers (no hook touches one). RSP needs no alignment: hooks are built without SSE.
 */
#define PV_CALL_BY(form, hook, a, b, c)                                                            \
	({                                                                                         \
		u64 pv_rdi = (u64)(a), pv_rsi = (u64)(b), pv_rdx = (u64)(c), pv_rax;               \
                                                                                                   \
		__asm__ volatile(form                                                              \
				 : "=a"(pv_rax), "+D"(pv_rdi), "+S"(pv_rsi), "+d"(pv_rdx)          \
				 : [offset] "i"(offsetof(struct pv_ops, hook))                     \
				 : "rcx", "r8", "r9", "r10", "r11", "memory", "cc");               \
		pv_rax;                                                                            \
	})
#define PV_CALL(hook, a, b, c) PV_CALL_BY(ALT_CALL(".pv_sites", "pv_ops+%c[offset]"), hook, a, b, c)
/* No site: one that stands still may come by, whom an NMI or a #VC of the host's reaches. */
#define PV_CALL_TABLE(hook, a, b, c) PV_CALL_BY("call *pv_ops+%c[offset](%%rip)", hook, a, b, c)

/* pv_<hook>(), one a hook; what a hook answers is not to be overlooked. */
#define PV_INLINE_SITE(type, name, args, a, b, c)                                                  \
	static inline PV_RESULT_##type pv_##name args { return (type)PV_CALL(name, a, b, c); }
#define PV_INLINE_TABLE(type, name, args, a, b, c)                                                 \
	static inline PV_RESULT_##type pv_##name args { return (type)PV_CALL_TABLE(name, a, b, c); }
#define PV_INLINE_OWN(type, name, args, a, b, c)
#define PV_RESULT_int                                  must_check int
#define PV_RESULT_u32                                  u32
#define PV_RESULT_u64                                  u64
#define PV_RESULT_void                                 void
#define PV_HOOK(kind, call, type, name, args, a, b, c) PV_INLINE_##call(type, name, args, a, b, c)
#include "paravirt/pv_ops.def"
#undef PV_HOOK

static inline struct cpuid_regs pv_cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid_regs regs;

	PV_CALL(cpuid, leaf, subleaf, &regs);
	return regs;
}

/*
 * KVM's hypercalls. The site is recorded apart (.alt_sites), for the early pass; once patched it
 * is the bare instruction on the platforms where that is allowed.
 */
static inline s64 kvm_hypercall4(u64 nr, u64 a, u64 b, u64 c, u64 d)
{
	s64 result;

	__asm__ volatile(ALT_CALL(".alt_sites", "pv_ops+%c[offset]")
			 : "=a"(result)
			 : "a"(nr), "b"(a), "c"(b), "d"(c),
			   "S"(d), [offset] "i"(offsetof(struct pv_ops, hypercall))
			 : "memory", "cc");
	return result;
}

static inline s64 kvm_hypercall0(u64 nr) { return kvm_hypercall4(nr, 0, 0, 0, 0); }

static inline s64 kvm_hypercall1(u64 nr, u64 a) { return kvm_hypercall4(nr, a, 0, 0, 0); }

static inline s64 kvm_hypercall2(u64 nr, u64 a, u64 b) { return kvm_hypercall4(nr, a, b, 0, 0); }

static inline s64 kvm_hypercall3(u64 nr, u64 a, u64 b, u64 c)
{
	return kvm_hypercall4(nr, a, b, c, 0);
}

/*
 * The alternatives passes over the sites (pv_patch.c). Whoever else runs text meanwhile must keep
 * off them: other processors stand still.
 */

/* Hypercall sites, by direct stores: text is still writable. Needs pv_init. */
void pv_patch_early(void);

/* The same through @write (mm's temporary writable alias), of sites with their default bytes. */
void pv_patch_hypercalls(alt_write_t write);

/*
 * Hook calls, through @write. The table is final: where it is not the early pass's any more, the
 * hypercall sites follow it too.
 */
void pv_patch(alt_write_t write);

/* What both passes did; for the boot lines and demo. */
extern struct alt_counts pv_patch_early_counts;
extern struct alt_counts pv_patch_counts;
