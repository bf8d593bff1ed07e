/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's run: enter, see why it came back, answer, again.
 */
#pragma once

#include "lib/compiler.h"
#include "monitor/svm/vcpu.h"

noreturn_t exit_loop(struct vcpu *v);
