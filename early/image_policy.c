/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What whoever builds an image has it refuse, alone in its file: -DPOSTERN_REFUSE_DEBUG=ON for
 * CMake. It is measured with the image, and no host can change it.
 */
#include "early/tdx.h"

const bool tdx_refuses_debug = REFUSE_DEBUG;
