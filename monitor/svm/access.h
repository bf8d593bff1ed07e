/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the guest's processor uses memory.
 */
#pragma once

enum access_kind {
	ACCESS_READ,
	ACCESS_WRITE,
	ACCESS_EXECUTE, /* a fetch, which ignores the C-bit */
	ACCESS_WALK,    /* by the page-table walker, which does too */
};
