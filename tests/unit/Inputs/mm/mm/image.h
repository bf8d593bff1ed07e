/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For native tests of mm/, in place of the real one: an image anywhere.
 */
#pragma once

#include "abi/bits.h"

struct image_part {
	u64 start;
	u64 end;
};

struct image_part image_image(void);
