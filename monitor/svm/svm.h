/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Switching SVM on, processor by processor, and off again where one refuses.
 */
#pragma once

#include "lib/errno.h"

/*
 * Enables SVM on every processor of the machine. @refuse: the processor that shall refuse, for a
 * test, or -1. -E_NOSYS: one refused; all others are rolled back, and the log says so.
 */
must_check int svm_enable_all(unsigned int cpu_count, int refuse);
