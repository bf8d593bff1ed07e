/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the guest's memory is measured or encrypted at its launch, and the commands by which KVM
 * is asked to.
 */
#pragma once

#include "host/machine.h"

enum launch_kind {
	LAUNCH_DATA,
	LAUNCH_CPUID, /* pages that the image asks for: abi/launch_note.h */
	LAUNCH_SECRETS,
};

struct launch_range {
	u64 gpa;
	u64 size;
	enum launch_kind kind;
};

#define LAUNCH_RANGES_MAX (2 * ELF_SECTIONS_MAX + 3)

/*
 * All that load_guest() wrote, in whole pages, none twice: returns how many ranges. The image is
 * cut at its CPUID and secrets pages.
 */
unsigned int launch_ranges(const struct elf_plan *image,
			   struct launch_range ranges[LAUNCH_RANGES_MAX]);

/* Whether this KVM has @machine's type; else why not, by its VM types and @hints, pairs of a name
 * and a file whose first line may tell, up to a NULL. */
must_check int launch_check(struct machine *machine, const char *const *hints, struct why *why);
