/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An exception that the host answers a request with, to be raised where the instruction was.
 */
#pragma once

#include "abi/bits.h"

struct host_exception {
	u8 vector;
	bool has_error_code;
	u32 error_code;
};
