/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where are we: the kind of guest, and what follows from it as data. Filled by platform_detect()
 * once, without a fault on any processor; everybody else asks for properties.
 */
#pragma once

#include "abi/bits.h"

enum platform_kind {
	PLATFORM_PLAIN,
	PLATFORM_KVM,
	PLATFORM_KVM_PROTECTED, /* KVM keeps private memory apart, without a bit in addresses */
	PLATFORM_SEV,
	PLATFORM_SEV_ES,
	PLATFORM_SEV_SNP,
	PLATFORM_TDX,
	PLATFORM_COUNT,
};

enum cc_attr {
	CC_PRIVATE_MEMORY,  /* the host does not see it: a conversion loses content */
	CC_MEM_ENCRYPT,     /* a private page needs private_mask in its entry */
	CC_STATE_ENCRYPTED, /* register state is hidden: exits are exceptions */
	CC_PAGE_STATES,     /* memory must be accepted before use */
	CC_GHCB,            /* the way to the host is a page that must be shared first */
	CC_ATTR_COUNT,
};

struct platform {
	enum platform_kind kind;
	const char *name;           /* "plain", "snp", ... as on the command line */
	u64 private_mask;           /* set in entries of private pages: the C-bit, or 0 */
	u64 shared_mask;            /* set in entries of shared pages: the S-bit, or 0 */
	unsigned int address_width; /* physical address bits, the mask's bit not counted */
	char vendor[13];            /* CPUID 0 */
	char hypervisor[13];        /* CPUID 0x40000000, "" when there is none */
	u32 kvm_features;           /* CPUID 0x40000001 EAX, 0 without KVM's signature */
	bool emulated;              /* the monitor's leaf says that it plays the hardware */
};

void platform_detect(void);
/* A KVM guest whose host let it down: from here on there is no KVM. */
void platform_become_plain(void);
/* The one instance; constant after these two, the second of which pv_publish() may call. */
extern struct platform platform;

bool cc_has(enum cc_attr attr);
