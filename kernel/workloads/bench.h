/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each way to reach the host costs: the driver (bench.c) times the rows (bench_rows.c).
 * A row is one path in one form; a sample is one pass of it with interrupts off.
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"

enum bench_needs {
	BENCH_ANYWHERE,
	BENCH_KVM,         /* KVM's hypercalls are answered */
	BENCH_KVM_VMMCALL, /* by VMMCALL */
	BENCH_KVM_VMCALL,  /* by VMCALL */
	BENCH_GHCB,        /* exits are requests through a GHCB */
	BENCH_RMP,         /* page states are changed by GHCB, accepted by PVALIDATE */
	BENCH_TD,          /* page states are changed by MapGPA, accepted by the TDX module */
	BENCH_BOOKS,       /* pages have no state, but the host is told: KVM's MAP_GPA_RANGE */
};

struct bench_row {
	const char *path;
	/* raw, unpatched, patched; NULL: the bare instruction, an exception on some platforms */
	const char *form;
	enum bench_needs needs;
	unsigned int weight; /* rounds are divided by it */
	/* Ticks of the TSC for one pass, the bracket's own included; or one of the two below. */
	u64 (*sample)(void);
};

/* The host, of this kind though it is, does not give it: what it left half way is given up. */
#define BENCH_CANNOT (~U64_C(0))
/* The guest has no memory for it, as page tables. */
#define BENCH_NO_MEMORY (BENCH_CANNOT - 1)

extern const struct bench_row bench_rows[];
extern const unsigned int bench_row_count;

/* Memory for rows that change page states; 0, or a negative code. Needed before each row. */
int must_check bench_rows_init(void);

/* What the bracket itself costs. */
u64 bench_empty_sample(void);

/* A few rows in few rounds, for demo; 0 or nonzero as a workload returns it. */
int bench_summary(void);

/* bench_insn.S: the bytes that one would write by hand, and the site as it was before patching. */
s64 bench_vmmcall(u64 nr);
s64 bench_vmcall(u64 nr);
s64 bench_hypercall_unpatched(u64 nr);
