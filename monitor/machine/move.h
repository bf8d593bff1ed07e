/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image leaves the place where the loader put it, which many guests want for themselves, and
 * goes on in the monitor's memory: at the end, so that the guest's has no hole.
 */
#pragma once

#include "lib/compiler.h"

/* What is to be as it is in the moved image; all else starts anew. No addresses of the image. */
#define __kept __attribute__((section(".bss.kept")))

/* Goes on at monitor_main() of the moved image. After memory_init(). */
noreturn_t move_image(void);
