/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the page tables in use say of an address, for #VC and #VE, which must know whether the
 * program meant a device. Reads the tables through the identity map.
 */
#pragma once

#include "lib/addr.h"
#include "lib/errno.h"

struct pagewalk {
	pa_t address;
	bool private;
};

/*
 * @levels: 4, or 5 with CR4.LA57; masks as in struct platform. 0, or -E_FAULT when nothing is
 * mapped at @address.
 */
int must_check pagewalk(pa_t root, unsigned int levels, u64 private_mask, u64 shared_mask,
			va_t address, struct pagewalk *result);
