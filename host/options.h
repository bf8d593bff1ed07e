/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of postern-vmm. The words are not copied: they are argv's.
 */
#pragma once

#include "abi/bits.h"
#include "host/why.h"

#define MEMORY_MIN   (U64_C(64) << 20)
#define MEMORY_MAX   (U64_C(1) << 40)
#define VCPU_MAX     64
#define CMDLINE_SIZE 2048

/* What becomes of the other side's memory when a page is converted. */
enum policy_other_side {
	POLICY_PUNCH, /* given back to the host at once */
	POLICY_KEEP,  /* given back when the page comes back */
};

struct policy {
	enum policy_other_side other_side;
	bool convert_on_fault; /* a touch of the other kind converts; else it ends the run */
	u64 shared_below; /* what a protected VM finds shared when it starts; 0: as is needed */
};

struct options {
	const char *image;
	u64 memory;
	unsigned int smp;
	const char *vm_type;
	const char *device;
	const char *cmdline; /* words before the guest's `--` */
	const char *trace;   /* NULL: none */
	const char *json;
	const char *serial;       /* NULL: no second port */
	const char *certificates; /* of an SNP VM */
	u32 trace_events;         /* of the transcript, by BIT(event) */
	unsigned int timeout;     /* seconds; 0: none */
	bool fallback;
	bool help;
	struct policy policy;
	const char *inject; /* NAME of "fail-ioctl=NAME:N[+]"; NULL: none */
	u64 inject_nth;
	bool inject_rest; /* "+": and all that follow */
	bool inject_no_memfd;
	char **workload; /* ends with NULL */
};

must_check int options_parse(char **argv, struct options *options, struct why *why);

/* The guest's command line, or -E_NOSPC. */
must_check int options_cmdline(const struct options *options, char text[CMDLINE_SIZE],
			       struct why *why);

extern const char options_help[];
