/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How other processors are brought up, as far as platforms differ: for the hooks cpus_prepare,
 * cpu_wake and cpu_setup.
 */
#pragma once

#include "lib/addr.h"
#include "lib/errno.h"

/* What a platform needs of mm and of the kernel, which lie above it. */
struct cpus_services {
	/* set_memory_decrypted() and set_memory_encrypted() */
	int (*share)(va_t start, u64 page_count);
	int (*unshare)(va_t start, u64 page_count);
	/* tables_map_page(), for a page that was claimed */
	int (*map)(pa_t page, bool is_mapped);
	/* The page with ap_trampoline; 0 where it is not needed. */
	pa_t trampoline;
	/* smp_run() */
	void (*run)(void (*function)(void *context), void *context);
};

/* What became of those that were started, and take no part: one of each kind; 0: none. */
struct cpus_outcome {
	unsigned int failed; /* its set-up did: it halts */
	unsigned int adrift; /* it took its ticket, and is missing: it may run on at any time */
};

/* Shares the GHCB pages of processors @first to @first + @count - 1, in one conversion. */
int must_check ghcb_share_others(unsigned int first, unsigned int count,
				 const struct cpus_services *services);
/* ... and tells the firmware's waiting processors where the trampoline is. */
int sev_es_cpus_prepare(unsigned int first, unsigned int count,
			const struct cpus_services *services);
int snp_cpus_prepare(unsigned int first, unsigned int count, const struct cpus_services *services);

/* Hook cpus_release: the pages of processors that do not come. */
int ghcb_unshare_others(unsigned int first, unsigned int count,
			const struct cpus_services *services);

/*
 * Hook cpu_wake: by INIT and SIPI, which are the kernel's (-E_NOSYS), and for which SNP's AP
 * creation waits too.
 */
int cpu_wake_by_sipi(unsigned int cpu);
int snp_cpu_wake(unsigned int cpu);
