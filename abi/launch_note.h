/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ELF notes by which our image tells its launcher where its own CPUID and secrets pages are,
 * with the section types of the SEV metadata that a firmware image carries for the same purpose,
 * and where an SEV-ES guest's other processors start, whose first state is the launcher's to give
 * where there is no firmware: as at a PVH entry, but for EBX.
 * Spec: OVMF OvmfPkg/ResetVector/X64/OvmfSevMetadata (section types).
 */
#pragma once

#include "abi/bits.h"

#define LAUNCH_NOTE_NAME     "Postern"
#define LAUNCH_NOTE_TYPE_SEV 1
#define LAUNCH_NOTE_TYPE_AP  2 /* u32: an address */

#define SEV_SECTION_SEC_MEM 1
#define SEV_SECTION_SECRETS 2
#define SEV_SECTION_CPUID   3
#define SEV_SECTION_HASHES  0x10 /* of a kernel: zeroes without one */

#ifndef __ASSEMBLER__
/* The descriptor of LAUNCH_NOTE_TYPE_SEV is an array of these. */
struct launch_section {
	u32 gpa;
	u32 size;
	u32 type;
};
ABI_SIZE(struct launch_section, 12);
#endif
