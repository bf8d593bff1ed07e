/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image's own record, apart from whoever reads it: a compiler must not know what it holds,
 * since tools/seal.py fills it in afterwards.
 */
#include "early/measured_config.h"

const struct measured_config measured_config = { .magic = { MEASURED_CONFIG_MAGIC } };
