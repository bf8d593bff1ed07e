/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How other processors are brought up, as far as platforms differ: for the hooks cpus_prepare,
 * cpu_wake and cpu_setup.
 */
#pragma once

#include "lib/addr.h"
#include "lib/errno.h"

/* What a platform needs of mm, which lies above it. */
struct cpus_services {
	/* set_memory_decrypted() */
	int (*share)(va_t start, u64 page_count);
	/* Maps a page that is no RAM of ours, private, or unmaps it again. */
	int (*map)(pa_t page, bool is_mapped);
	/* The page with ap_trampoline; 0 where it is not needed. */
	pa_t trampoline;
};

/* Shares the GHCB pages of processors @first to @first + @count - 1, in one conversion. */
int must_check ghcb_share_others(unsigned int first, unsigned int count,
				 const struct cpus_services *services);
/* ... and tells the firmware's waiting processors where the trampoline is. */
int sev_es_cpus_prepare(unsigned int first, unsigned int count,
			const struct cpus_services *services);
int snp_cpus_prepare(unsigned int first, unsigned int count, const struct cpus_services *services);
int tdx_cpus_prepare(unsigned int first, unsigned int count, const struct cpus_services *services);

/* Hook cpu_wake: by INIT and SIPI, which are the kernel's; by AP creation; by the mailbox. */
int cpu_wake_by_sipi(unsigned int cpu);
int snp_cpu_wake(unsigned int cpu);
int mailbox_cpu_wake(unsigned int cpu);
