/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The APIC id list: which processors an SNP guest has, said by the host.
 * Spec: GHCB, the NAE event "APIC ID list".
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"

/*
 * Writes it to shared memory at @gpa, where the guest has *@pages pages for it. Where that is too
 * little nothing is written, and *@pages is what it takes. -E_INVAL: no such memory.
 */
must_check int apic_id_list(u64 gpa, u64 *pages);
