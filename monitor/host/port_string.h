/* SPDX-License-Identifier: Apache-2.0 */
/*
 * INS and OUTS, with REP or without, of a guest whose ports are intercepted.
 * Spec: APM3 INS, OUTS.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* Items of @size, 1, 2 or 4 bytes, at @port: of REP's at most what is left of the page at once. */
void port_string_exit(struct vcpu *v, u16 port, unsigned int size);
