/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The switch of fatal.h, alone in its file: who builds an image to debug it sets it
 * (-DPOSTERN_SHOW_STATE=ON for CMake). Nothing that a host provides does.
 */
#include "early/fatal.h"

const bool fatal_shows_state = SHOW_STATE;
